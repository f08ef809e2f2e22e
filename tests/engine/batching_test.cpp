#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <set>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void pass_on(Model& n, Item& i) { i.set(n.out, Counted(i[n.in].rows)); }

TEST(Batching, JoinsItemsAcrossImagesAndFacesAndSplitsTheRowsAgain) {
  GraphBuilder b;
  b.graph.credits = 16;
  const int source = b.numbers(100);
  const int spread =
      b.add("spread", std::make_unique<Spread>([](double n) { return std::size_t(n) % 4; }), {b.from(source)});
  b.begin_foreach("each", b.from(spread), 32);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.element()});
  std::mutex mutex;
  std::size_t most_roots = 0;
  const int model = b.add(
      "model",
      std::make_unique<Model>(8,
                              [&](Model& n, Item& i) {
                                std::set<int> roots;
                                std::vector<double> rows = i[n.in].rows;
                                EXPECT_EQ(rows.size(), i.count());
                                for (double& r : rows) {
                                  roots.insert(static_cast<int>(r / 1000));
                                  r *= 2;
                                }
                                {
                                  std::lock_guard lock(mutex);
                                  most_roots = std::max(most_roots, roots.size());
                                }
                                std::this_thread::sleep_for(std::chrono::microseconds(300));  // so that items gather
                                i.set(n.out, Counted(rows));
                              }),
      {b.from(wrap)});
  std::atomic<int> right{0};
  b.add("check",
        std::make_unique<Unwrap>(NodeInfo{},
                                 [&](const ItemKey& key, const Counted* c, const ReasonPtr&) {
                                   right += c->rows == std::vector<double>{
                                                           2 * (static_cast<double>(key.index) * 1000 + key.child[0])};
                                 }),
        {b.from(model)});
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.exit_code(), 0) << r.fatal;
  EXPECT_EQ(right, 150);
  EXPECT_GE(most_roots, 2u);
  for (const NodeStats& n : r.stats.nodes)
    if (n.name == "model") {
      EXPECT_LE(n.batch_sizes.rbegin()->first, 8);
    }
}

/// One device node whose calls wait until the test lets them go.
struct Gated {
  std::mutex mutex;
  std::condition_variable changed;
  int allowed = 0, entered = 0;
  std::vector<std::size_t> sizes;
  void call(std::size_t size) {
    std::unique_lock lock(mutex);
    sizes.push_back(size);
    ++entered;
    changed.notify_all();
    changed.wait(lock, [&] { return allowed > 0; });
    --allowed;
  }
  void allow(int n) {
    std::lock_guard lock(mutex);
    allowed += n;
    changed.notify_all();
  }
  void wait_entered(int n) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return entered >= n; });
  }
};

TEST(Batching, RunsAtOnceWhenTheLaneIsFreeAndGathersWhileItIsBusy) {
  GraphBuilder b;
  b.graph.credits = 10;
  Gated gate;
  std::atomic<int> made{0};
  std::promise<void> more;
  auto numbers = std::make_unique<Numbers>(6);
  auto allowed = more.get_future().share();
  numbers->before = [&](Item&, std::uint64_t i) {
    if (i == 1) allowed.wait();
    ++made;
  };
  const int source = b.add("numbers", std::move(numbers));
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  std::atomic<int> wrapped{0};
  const int count = b.lambda("count", {b.from(source)}, 0, [&](Lambda&, Item&) { ++wrapped; });
  (void)count;
  drain(b, b.add("model",
                 std::make_unique<Model>(8,
                                         [&](Model& n, Item& i) {
                                           gate.call(i.count());
                                           i.set(n.out, Counted(i[n.in].rows));
                                         }),
                 {b.from(wrap)}));
  Engine engine(std::move(b.graph), with_threads(2));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  gate.wait_entered(1);  // one item was there, the lane was free: it ran alone
  more.set_value();
  const auto waiting = [&] {
    for (const NodeStats& n : engine.snapshot().nodes)
      if (n.name == "model") return n.queued;
    return std::uint64_t{0};
  };
  while (waiting() < 5) std::this_thread::yield();
  gate.allow(2);
  EXPECT_EQ(result.get().exit_code(), 0);
  EXPECT_THAT(gate.sizes, ElementsAre(1, 5));
}

/// Takes up to four rows, waits long for them, and notes how many came.
void patient_model(GraphBuilder& b, int rows, std::vector<std::size_t>& sizes) {
  const int model = b.add("model",
                          std::make_unique<Model>(4,
                                                  [&](Model& n, Item& i) {
                                                    sizes.push_back(i.count());
                                                    pass_on(n, i);
                                                  }),
                          {b.from(rows)});
  b.spec(model).batch_wait = std::chrono::seconds(20);
  drain(b, model);
}

TEST(Batching, WaitHoldsABatchBackUntilItIsFull) {
  GraphBuilder b;
  const int source = b.numbers(8);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  std::vector<std::size_t> sizes;
  patient_model(b, wrap, sizes);
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_THAT(sizes, ElementsAre(4, 4));
}

TEST(Batching, ABatchIsFullOfItsOwnKind) {
  GraphBuilder b;
  const int source = b.numbers(16);
  const int sign = b.lambda("sign", {b.from(source)}, 1, [](Lambda& n, Item& i) {
    const double v = i[n.in[0]];
    i.set(n.out[0], static_cast<int>(v) % 2 ? -v : v);  // the payload's key is its sign
  });
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(sign)});
  std::vector<std::size_t> sizes;
  patient_model(b, wrap, sizes);
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_THAT(sizes, ElementsAre(4, 4, 4, 4));
}

TEST(Batching, WaitEndsWhenItsTimeIsUp) {
  GraphBuilder b;
  const int source = b.numbers(3);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  const int model = b.add("model", std::make_unique<Model>(64, pass_on), {b.from(wrap)});
  b.spec(model).batch_wait = std::chrono::milliseconds(20);
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
}

TEST(Batching, AThrowingBatchMarksOnlyTheItemsThatFailAlone) {
  GraphBuilder b;
  const int source = b.numbers(40);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  const int model = b.add("model",
                          std::make_unique<Model>(8,
                                                  [](Model& n, Item& i) {
                                                    for (const double v : i[n.in].rows)
                                                      if (static_cast<int>(v) % 10 == 7) throw Error("seven");
                                                    pass_on(n, i);
                                                  }),
                          {b.from(wrap)});
  b.spec(model).batch_wait = std::chrono::seconds(20);
  std::vector<std::uint64_t> failed;
  b.add("sink",
        std::make_unique<Unwrap>(NodeInfo{.ordered = true},
                                 [&](const ItemKey& key, const Counted* c, const ReasonPtr&) {
                                   if (!c) failed.push_back(key.index);
                                 }),
        {b.from(model)});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_THAT(failed, ElementsAre(7, 17, 27, 37));
  EXPECT_EQ(r.stats.failed, 4u);
}

TEST(Batching, DifferentKeysNeverShareACall) {
  GraphBuilder b;
  const int source = b.numbers(60);
  const int sign = b.lambda("sign", {b.from(source)}, 1, [](Lambda& n, Item& i) {
    const double v = i[n.in[0]];
    i.set(n.out[0], static_cast<int>(v) % 3 ? v : -1 - v);
  });
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(sign)});
  bool mixed = false;
  b.add("model",
        std::make_unique<Model>(8,
                                [&](Model& n, Item& i) {
                                  for (const double v : i[n.in].rows) mixed |= (v < 0) != (i[n.in].rows[0] < 0);
                                  pass_on(n, i);
                                }),
        {b.from(wrap)});
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_FALSE(mixed);
}

TEST(Batching, AnOutputWithTooFewRowsIsAnErrorThatNamesThePort) {
  GraphBuilder b;
  const int source = b.numbers(4);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  const int model = b.add("model",
                          std::make_unique<Model>(4,
                                                  [](Model& n, Item& i) {
                                                    // Right for one item, wrong for several.
                                                    if (i.count() > 1)
                                                      i.set(n.out, Counted({1.0}));
                                                    else
                                                      throw Error("alone too");
                                                  }),
                          {b.from(wrap)});
  b.spec(model).batch_wait = std::chrono::seconds(20);
  b.add("sink", std::make_unique<Unwrap>(NodeInfo{}, [](auto&&...) {}), {b.from(model)});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.stats.failed, 4u);
}

TEST(Batching, ItemsWithoutAnOptionalInputAreNotMixedWithThoseThatHaveIt) {
  GraphBuilder b;
  const int source = b.numbers(30);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  const int sometimes = b.lambda("sometimes", {b.from(source)}, 1, [](Lambda& n, Item& i) {
    if (static_cast<int>(i[n.in[0]]) % 2) i.set(n.out[0], i[n.in[0]]);
  });
  const int extra = b.add("extra", std::make_unique<Wrap>(), {b.from(sometimes)});
  std::atomic<int> with{0}, without{0};
  const int model = b.add("model",
                          std::make_unique<Model>(
                              8,
                              [&](Model& n, Item& i) {
                                if (i.has(n.extra[0])) {
                                  EXPECT_EQ(i[n.extra[0]].rows, i[n.in].rows);
                                  with += static_cast<int>(i.count());
                                } else {
                                  without += static_cast<int>(i.count());
                                }
                                pass_on(n, i);
                              },
                              true),
                          {b.from(wrap), b.from(extra)});
  drain(b, model);
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_EQ(with, 15);
  EXPECT_EQ(without, 15);
}

TEST(Batching, AFreeLaneServesTheOldestRootAndThenTheNodeDownstream) {
  GraphBuilder b;
  b.graph.credits = 10;
  Gated gate;
  const int source = b.numbers(4);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  std::vector<std::string> order;
  const auto note = [&](const std::string& name) {
    return [&, name](Model& n, Item& i) {
      if (order.empty()) gate.call(1);
      order.push_back(name + std::to_string(static_cast<int>(i[n.in].rows[0])));
      pass_on(n, i);
    };
  };
  const int first = b.add("first", std::make_unique<Model>(1, note("a")), {b.from(wrap)});
  drain(b, b.add("second", std::make_unique<Model>(1, note("b")), {b.from(first)}));
  Engine engine(std::move(b.graph), with_threads(2));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  gate.wait_entered(1);
  const auto waiting = [&] {
    for (const NodeStats& n : engine.snapshot().nodes)
      if (n.name == "first") return n.queued;
    return std::uint64_t{0};
  };
  while (waiting() < 3) std::this_thread::yield();
  gate.allow(1);
  EXPECT_EQ(result.get().exit_code(), 0);
  // Whichever item came first: after it the oldest root is served, and its second node before anything younger.
  const char first_root = order.front()[1];
  std::vector<std::string> expected = {order.front()};
  for (const char root : {'0', '1', '2', '3'}) {
    if (root != first_root) expected.push_back(std::string("a") + root);
    expected.push_back(std::string("b") + root);
  }
  EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace dfpipe::engine::testing
