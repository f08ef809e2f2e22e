#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void expect_counts_agree(const RunResult& r) {
  EXPECT_EQ(r.stats.emitted, r.stats.ok + r.stats.failed + r.stats.stopped);
}

TEST(Order, AnOrderedSinkIsServedInSourceOrderFailedItemsIncluded) {
  GraphBuilder b;
  b.graph.credits = 32;
  const int source = b.numbers(3000);
  const int jitter = b.lambda("jitter", {b.from(source)}, 1, [](Lambda& n, Item& i) {
    for (std::uint64_t spin = i.random().below(2000); spin > 0; --spin) asm volatile("");
    if (i.random().below(5) == 0) throw Error("unlucky");
    i.set(n.out[0], i[n.in[0]]);
  });
  std::vector<std::uint64_t> order;
  b.lambda("sink", {b.from(jitter)}, 0, [&](Lambda&, Item& i) { order.push_back(i.key().index); }, {.ordered = true});
  const RunResult r = Engine(std::move(b.graph), with_threads(4)).run();
  ASSERT_EQ(order.size(), 3000u);
  for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i);
  EXPECT_GT(r.stats.failed, 0u);
}

TEST(Stop, TheFirstStopFinishesWhatIsAliveAndExitsWith130) {
  GraphBuilder b;
  const int source = b.numbers(100'000'000);
  std::atomic<std::uint64_t> served{0};
  std::atomic<bool> on{false};
  b.lambda("sink", {b.from(source)}, 0, [&](Lambda&, Item&) {
    ++served;
    on = true;
  });
  Engine engine(std::move(b.graph), with_threads(2));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (!on) std::this_thread::yield();
  engine.stop();
  const RunResult r = result.get();
  EXPECT_EQ(r.exit_code(), 130);
  EXPECT_EQ(r.stats.emitted, served);
  EXPECT_EQ(r.stats.stopped, 0u);
  expect_counts_agree(r);
}

TEST(Stop, AnAbortDiscardsWhatIsAliveAndCountsIt) {
  GraphBuilder b;
  b.graph.credits = 8;
  const int source = b.numbers(100'000'000);
  std::atomic<bool> inside{false}, go{false};
  const int slow = b.lambda("slow", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    inside = true;
    while (!go) std::this_thread::yield();
    i.set(n.out[0], 1.0);
  });
  std::atomic<int> served{0};
  b.lambda("sink", {b.from(slow)}, 0, [&](Lambda&, Item&) { ++served; });
  Engine engine(std::move(b.graph), with_threads(1));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (!inside || engine.snapshot().live < 8) std::this_thread::yield();
  engine.abort();
  go = true;
  const RunResult r = result.get();
  EXPECT_EQ(r.exit_code(), 130);
  EXPECT_EQ(r.stats.stopped, 8u);
  EXPECT_EQ(served, 0);
  expect_counts_agree(r);
}

TEST(Stop, BeforeTheStartMakesNothing) {
  GraphBuilder b;
  const int source = b.numbers(10);
  b.lambda("sink", {b.from(source)}, 0, [](Lambda&, Item&) {});
  Engine engine(std::move(b.graph), with_threads(1));
  engine.stop();
  const RunResult r = engine.run();
  EXPECT_EQ(r.stats.emitted, 0u);
  EXPECT_EQ(r.exit_code(), 130);
}

/// Waits for the outside world, as a server's source does.
class Waiting final : public Numbers {
 public:
  Waiting() : Numbers(1'000'000) {}
  bool next(Item& item, std::stop_token stop) override {
    asked = true;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, stop, [] { return false; });
    (void)item;
    return false;
  }
  bool live() const override { return true; }
  std::atomic<bool> asked{false};
};

TEST(Stop, ReachesASourceThatWaitsAndALiveSourceEndsWithZero) {
  GraphBuilder b;
  auto waiting = std::make_unique<Waiting>();
  Waiting& w = *waiting;
  const int source = b.add("waiting", std::move(waiting));
  b.lambda("sink", {b.from(source)}, 0, [](Lambda&, Item&) {});
  RunOptions options = with_threads(1);
  options.stall_after = std::chrono::milliseconds(30);
  Engine engine(std::move(b.graph), options);
  std::atomic<int> stalls{0};
  engine.on_stall([&](const Stall&) { ++stalls; });
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (!w.asked) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  engine.stop();
  EXPECT_EQ(result.get().exit_code(), 0);
  EXPECT_EQ(stalls, 0) << "an idle live source is no stall";
}

TEST(Stop, ANodeThatWishesTheEndMakesItASuccess) {
  GraphBuilder b;
  const int source = b.numbers(100'000'000);
  auto node = std::make_unique<Lambda>(NodeInfo{.stateful = true}, 1, 0, [](Lambda&, Item&) {});
  std::function<void()> stopper;
  node->on_open = [&](OpenContext& c) { stopper = c.stopper(); };
  const int sink = b.add("sink", std::move(node), {b.from(source)});
  (void)sink;
  b.lambda("watch", {b.from(source)}, 0, [&](Lambda& n, Item& i) {
    if (i[n.in[0]] == 100) stopper();
  });
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.exit_code(), 0);
  EXPECT_EQ(r.outcome, Outcome::stopped);
  expect_counts_agree(r);
}

TEST(Stop, ANodeMayWishTheEndBeforeTheFirstItem) {
  GraphBuilder b;
  const int source = b.numbers(1000);
  auto node = std::make_unique<Lambda>(NodeInfo{}, 1, 0, [](Lambda&, Item&) {});
  node->on_open = [](OpenContext& c) { c.stopper()(); };
  b.add("sink", std::move(node), {b.from(source)});
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(r.exit_code(), 0);
  EXPECT_EQ(r.outcome, Outcome::stopped);
  EXPECT_EQ(r.stats.emitted, 0u);
}

/// An ordered sink that notes whether its run began.
class Beginner final : public Node {
 public:
  explicit Beginner(bool& began) : Node({.about = "notes its begin", .ordered = true}), began_(began) {}
  void begin(const Checkpoint&) override { began_ = true; }
  void process(Item&) override {}
  In<double> in{this, "in", "a number"};

 private:
  bool& began_;
};

TEST(Stop, WhileNodesAreOpenedNothingMoreIsOpenedAndNothingBegins) {
  GraphBuilder b;
  Engine* running = nullptr;
  bool began = false, opened = false;
  const int source = b.numbers(10);
  auto first = std::make_unique<Lambda>(NodeInfo{}, 1, 0, [](Lambda&, Item&) {});
  first->on_open = [&](OpenContext&) { running->stop(); };
  b.add("first", std::move(first), {b.from(source)});
  auto second = std::make_unique<Lambda>(NodeInfo{}, 1, 0, [](Lambda&, Item&) {});
  second->on_open = [&](OpenContext&) { opened = true; };
  b.add("second", std::move(second), {b.from(source)});
  b.add("sink", std::make_unique<Beginner>(began), {b.from(source)});
  Engine engine(std::move(b.graph), with_threads(1));
  running = &engine;
  EXPECT_EQ(engine.run().exit_code(), 130);
  EXPECT_FALSE(opened);
  EXPECT_FALSE(began) << "an earlier result is left as it is";
}

TEST(Stop, WhatAStopWakesMayAskTheEngine) {
  class Asking final : public Numbers {
   public:
    Asking() : Numbers(1'000'000) {}
    bool next(Item&, std::stop_token stop) override {
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      const std::stop_callback ask(stop, [this] { live_items = engine->snapshot().live; });
      asked = true;
      never.wait(lock, stop, [] { return false; });
      return false;
    }
    Engine* engine = nullptr;
    std::atomic<bool> asked{false};
    std::atomic<std::uint64_t> live_items{99};
  };
  GraphBuilder b;
  auto asking = std::make_unique<Asking>();
  Asking& source = *asking;
  b.lambda("sink", {b.from(b.add("asking", std::move(asking)))}, 0, [](Lambda&, Item&) {});
  Engine engine(std::move(b.graph), with_threads(1));
  source.engine = &engine;
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (!source.asked) std::this_thread::yield();
  engine.stop();
  result.get();
  EXPECT_EQ(source.live_items, 0u);
}

TEST(Stop, ALiveSourceEndsWithZeroEvenWhenRequestsHaveFailed) {
  class Live final : public Numbers {
   public:
    Live() : Numbers(1'000'000) {}
    bool live() const override { return true; }
  };
  GraphBuilder b;
  const int source = b.add("live", std::make_unique<Live>());
  std::atomic<bool> on{false};
  b.lambda("sink", {b.from(source)}, 0, [&](Lambda&, Item&) {
    on = true;
    throw Error("a bad request");
  });
  Engine engine(std::move(b.graph), with_threads(1));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (!on) std::this_thread::yield();
  engine.stop();
  EXPECT_EQ(result.get().exit_code(), 0);
}

TEST(Stop, EveryNodeIsClosedOnceInTopologicalOrder) {
  GraphBuilder b;
  std::vector<std::string> closed;
  int last = b.numbers(10);
  for (const std::string name : {"a", "b", "c"}) {
    auto node = std::make_unique<Lambda>(NodeInfo{}, 1, 1, [](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]]); });
    node->on_close = [&closed, name](Outcome o) { closed.push_back(name + (o == Outcome::completed ? "" : "!")); };
    last = b.add(name, std::move(node), {b.from(last)});
  }
  Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_THAT(closed, ElementsAre("a", "b", "c"));
}

TEST(Stop, AnItemNobodyWaitsForIsDiscardedAtTheNextNode) {
  GraphBuilder b;
  const auto cancel = std::make_shared<std::atomic<bool>>(false);
  auto numbers = std::make_unique<Numbers>(4);
  numbers->before = [&](Item& item, std::uint64_t i) {
    if (i == 2) item.set_cancel(cancel);
  };
  const int source = b.add("numbers", std::move(numbers));
  const int first = b.lambda("first", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    if (i.key().index == 2) *cancel = true;
    i.set(n.out[0], i[n.in[0]]);
  });
  std::atomic<int> seen{0};
  b.lambda("second", {b.from(first)}, 0, [&](Lambda&, Item&) { ++seen; });
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(r.stats.stopped, 1u);
}

TEST(Stall, TheReportNamesTheNodeItsQueueAndWhatItWaitsFor) {
  GraphBuilder b;
  b.graph.credits = 4;
  const int source = b.numbers(100);
  std::atomic<bool> go{false};
  const int stuck = b.lambda("stuck", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    if (i.key().index == 0)
      while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    i.set(n.out[0], 1.0);
  });
  b.lambda("report", {b.from(stuck)}, 0, [](Lambda&, Item&) {}, {.ordered = true});
  RunOptions options = with_threads(2);
  options.stall_after = std::chrono::milliseconds(50);
  Engine engine(std::move(b.graph), options);
  std::string text;
  int reports = 0;
  engine.on_stall([&](const Stall& s) {
    // A slow machine may report before the other items have come as far as they can.
    if (!go) text = s.text;
    if (text.find("holds 3") != std::string::npos || ++reports > 100) go = true;
  });
  EXPECT_EQ(engine.run().exit_code(), 0);
  EXPECT_THAT(text, HasSubstr("node 'stuck'"));
  EXPECT_THAT(text, HasSubstr("item 0"));
  EXPECT_THAT(text, HasSubstr("node 'report' holds 3 items and waits for number 0"));
  EXPECT_THAT(text, HasSubstr("4 of 4"));
}

}  // namespace
}  // namespace dfpipe::engine::testing
