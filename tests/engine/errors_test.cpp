#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <new>
#include <thread>

#include "dfpipe/types/sample.hpp"
#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// source -> a -> b -> c -> ordered sink; `thrower` throws for every third item, in its own way each time.
RunResult run_with_errors_at(const std::string& thrower, std::vector<std::string>& rows,
                             std::atomic<int>& calls_after) {
  GraphBuilder b;
  int last = b.numbers(90);
  bool passed_thrower = false;
  for (const std::string name : {"a", "b", "c"}) {
    const bool after = passed_thrower;
    last = b.lambda(name, {b.from(last)}, 1, [&calls_after, name, thrower, after](Lambda& n, Item& i) {
      const auto v = static_cast<int>(i[n.in[0]]);
      if (after) ++calls_after;
      if (name == thrower && v % 3 == 0) {
        switch (v / 3 % 4) {
          case 0:
            throw Error("bad number", "bad");
          case 1:
            throw std::runtime_error("plain");
          case 2:
            throw std::bad_alloc();
          default:
            throw 42;
        }
      }
      i.set(n.out[0], static_cast<double>(v));
    });
    passed_thrower |= name == thrower;
  }
  b.lambda("sink", {b.from(last)}, 0,
           [&](Lambda& n, Item& i) {
             rows.push_back(i.has(n.in[0]) ? std::to_string(int(i[n.in[0]])) : i.why(n.in[0])->node);
           },
           {.ordered = true});
  return Engine(std::move(b.graph), with_threads(2)).run();
}

TEST(Errors, AnExceptionInAnyNodeForAnyItemIsAnErrorRowAndNothingElse) {
  for (const std::string thrower : {"a", "b", "c"}) {
    std::vector<std::string> rows;
    std::atomic<int> calls_after{0};
    const RunResult r = run_with_errors_at(thrower, rows, calls_after);
    EXPECT_EQ(r.exit_code(), 3);
    EXPECT_EQ(r.stats.failed, 30u);
    EXPECT_EQ(r.stats.ok, 60u);
    ASSERT_EQ(rows.size(), 90u);
    for (int i = 0; i < 90; ++i) EXPECT_EQ(rows[static_cast<std::size_t>(i)], i % 3 ? std::to_string(i) : thrower);
    EXPECT_EQ(calls_after, 60 * (thrower == "a"   ? 2
                                 : thrower == "b" ? 1
                                                  : 0))
        << "an empty required input is not called";
  }
}

TEST(Errors, AMessageIsOneLineWithoutALibrarysStackTrace) {
  GraphBuilder b;
  const int source = b.numbers(1);
  b.lambda("bad", {b.from(source)}, 0, [](Lambda&, Item&) {
    throw std::runtime_error(
        "sizes differ:\n3 and 4\nException raised from add at /build/x.cpp:75\nframe #0: 0x7f12 in lib");
  });
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_THAT(r.first_errors, ElementsAre("item 0: node 'bad': exception: sizes differ: 3 and 4"));
}

TEST(Errors, OptionalInputsAreCalledAndToldWhy) {
  GraphBuilder b;
  const int source = b.numbers(1);
  const int bad = b.lambda("bad", {b.from(source)}, 1, [](Lambda&, Item&) { throw Error("no", "nope"); });
  const int good = b.lambda("good", {b.from(source)}, 1, [](Lambda& n, Item& i) { i.set(n.out[0], 7.0); });
  std::string why;
  const int either = b.lambda(
      "either", {b.from(bad), b.from(good)}, 1,
      [&](Lambda& n, Item& i) {
        why = i.why(n.in[0])->text();
        i.set(n.out[0], i[n.in[1]]);
      },
      {}, true);
  double got = 0;
  b.lambda("sink", {b.from(either)}, 0, [&](Lambda& n, Item& i) { got = i[n.in[0]]; });
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(why, "node 'bad': nope: no");
  EXPECT_EQ(got, 7.0);
  EXPECT_EQ(r.stats.failed, 1u);
}

TEST(Errors, AnOutputThatIsNotSetIsAbsentAndNoError) {
  GraphBuilder b;
  const int source = b.numbers(1);
  const int silent = b.lambda("silent", {b.from(source)}, 1, [](Lambda&, Item&) {});
  ReasonPtr why;
  b.lambda("sink", {b.from(silent)}, 0, [&](Lambda& n, Item& i) { why = i.why(n.in[0]); });
  Engine engine(std::move(b.graph), with_threads(1));
  EXPECT_EQ(engine.run().exit_code(), 0);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->kind, Reason::Kind::absent);
}

TEST(Errors, FatalAndOnErrorFailStopTheRunAndNameTheNode) {
  for (const bool by_rule : {false, true}) {
    GraphBuilder b;
    const int source = b.numbers(1'000'000);
    const int bad = b.lambda("bad", {b.from(source)}, 1, [by_rule](Lambda& n, Item& i) {
      if (i[n.in[0]] == 20) {
        if (by_rule) throw Error("no more");
        throw Fatal("no more");
      }
      i.set(n.out[0], 1.0);
    });
    if (by_rule) b.spec(bad).on_error.action = OnError::Action::fail;
    b.lambda("sink", {b.from(bad)}, 0, [](Lambda&, Item&) {});
    const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
    EXPECT_EQ(r.exit_code(), 1);
    EXPECT_THAT(r.fatal, HasSubstr("node 'bad'"));
    EXPECT_THAT(r.fatal, HasSubstr("no more"));
    EXPECT_LT(r.stats.emitted, 1'000'000u);
    EXPECT_EQ(r.stats.emitted, r.stats.ok + r.stats.failed + r.stats.stopped);
  }
}

TEST(Errors, RetrySucceedsOrGivesUpAfterSoManyTimes) {
  GraphBuilder b;
  const int source = b.numbers(30);
  std::mutex mutex;
  std::map<int, int> tries;
  const int flaky = b.lambda("flaky", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    const auto v = static_cast<int>(i[n.in[0]]);
    std::lock_guard lock(mutex);
    if (++tries[v] <= v % 4) throw Error("not yet");
    i.set(n.out[0], 1.0);
  });
  b.spec(flaky).on_error = {OnError::Action::retry, 2, std::chrono::milliseconds(1)};
  b.lambda("sink", {b.from(flaky)}, 0, [](Lambda&, Item&) {});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  for (const auto& [v, count] : tries) EXPECT_EQ(count, std::min(3, v % 4 + 1));
  EXPECT_EQ(r.stats.failed, 7u) << "items that need a third retry";
  EXPECT_EQ(r.stats.ok, 23u);
}

TEST(Errors, ARetryDoesNotHoldUpTheOnlyWorker) {
  GraphBuilder b;
  b.graph.credits = 4;
  const int source = b.numbers(3);
  std::vector<int> order;
  int failures = 0;
  const int flaky = b.lambda("flaky", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    if (i[n.in[0]] == 0 && failures++ == 0) throw Error("later");
    order.push_back(static_cast<int>(i[n.in[0]]));
    i.set(n.out[0], 1.0);
  });
  drain(b, flaky);
  b.spec(flaky).on_error = {OnError::Action::retry, 1, std::chrono::milliseconds(300)};
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(1)).run().exit_code(), 0);
  ASSERT_EQ(order.size(), 3u);
  EXPECT_EQ(order.back(), 0);
}

TEST(Errors, ACancelledItemLeavesItsTriesToNobody) {
  GraphBuilder b;
  b.graph.credits = 1;  // the second item gets the first one's place in memory
  const auto cancel = std::make_shared<std::atomic<bool>>(false);
  auto numbers = std::make_unique<Numbers>(2);
  numbers->before = [&](Item& item, std::uint64_t i) {
    if (i == 0) item.set_cancel(cancel);
  };
  const int source = b.add("numbers", std::move(numbers));
  int tries_of_second = 0;
  const int flaky = b.lambda("flaky", {b.from(source)}, 0, [&](Lambda&, Item& i) {
    if (i.key().index == 0) *cancel = true;
    tries_of_second += i.key().index == 1;
    throw Error("never");
  });
  b.spec(flaky).on_error = {OnError::Action::retry, 1, std::chrono::milliseconds(5)};
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(tries_of_second, 2);
  EXPECT_EQ(r.stats.stopped, 1u);
  EXPECT_EQ(r.stats.failed, 1u);
}

/// Gives a list of the samples a.jpg and b.jpg.
class DrawSamples final : public Node {
 public:
  DrawSamples() : Node({.about = "gives samples"}) {}
  void process(Item& item) override {
    List<Sample> list;
    for (const char* path : {"a.jpg", "b.jpg"})
      list.push_back({.label = 0, .dataset = {}, .split = {}, .group = {}, .path = path});
    item.set(all, std::move(list));
  }
  In<double> n{this, "n", "a number"};
  Out<List<Sample>> all{this, "all", "the samples"};
};

/// Gives a list of one number for a sample.
class SpreadSample final : public Node {
 public:
  SpreadSample() : Node({.about = "gives a number"}) {}
  void process(Item& item) override {
    List<double> list;
    list.push_back(1);
    item.set(all, std::move(list));
  }
  In<Sample> sample{this, "sample", "a sample"};
  Out<List<double>> all{this, "all", "a number"};
};

TEST(Errors, AMessageNamesTheItemAsPeopleDoAndMessagesComeInItemOrder) {
  GraphBuilder b;
  auto numbers = std::make_unique<Numbers>(3);
  numbers->before = [](Item& item, std::uint64_t i) { item.set_attributes({.name = "photos/" + std::to_string(i)}); };
  const int source = b.add("numbers", std::move(numbers));
  const int spread = b.add("spread", std::make_unique<Spread>([](double) { return 2; }), {b.from(source)});
  b.begin_foreach("each", b.from(spread), 4);
  b.lambda("bad", {b.element()}, 0, [](Lambda&, Item&) { throw Error("no", "nope"); });
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), with_threads(3)).run();
  std::vector<std::string> expected;
  for (const std::string item : {"0", "1", "2"})
    for (const std::string child : {".0", ".1"})
      expected.push_back("item " + item + child + " (photos/" + item + "): node 'bad': nope: no");
  EXPECT_EQ(r.first_errors, expected);
}

TEST(Errors, AMessageNamesTheElementsThatAnItemStandsFor) {
  GraphBuilder b;
  auto numbers = std::make_unique<Numbers>(2);
  numbers->before = [](Item& item, std::uint64_t i) {
    if (i == 0) item.set_attributes({.name = "batch 1"});
  };
  const int source = b.add("numbers", std::move(numbers));
  const int draw = b.add("draw", std::make_unique<DrawSamples>(), {b.from(source)});
  b.begin_foreach("each", b.from(draw), 4);
  const int spread = b.add("spread", std::make_unique<SpreadSample>(), {b.element()});
  b.begin_foreach("inner", b.from(spread), 4);
  b.lambda("bad", {b.element()}, 0, [](Lambda&, Item&) { throw Error("no", "nope"); });
  b.end_foreach({});
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), with_threads(3)).run();
  EXPECT_EQ(r.first_errors, (std::vector<std::string>{"item 0.0.0 (batch 1, a.jpg): node 'bad': nope: no",
                                                      "item 0.1.0 (batch 1, b.jpg): node 'bad': nope: no",
                                                      "item 1.0.0 (a.jpg): node 'bad': nope: no",
                                                      "item 1.1.0 (b.jpg): node 'bad': nope: no"}));
}

TEST(Errors, WhatAPluginThrowsWhenAThreadStartsEndsTheRun) {
  for (const Lane lane : {Lane::cpu, Lane::blocking, Lane::device}) {
    GraphBuilder b;
    b.graph.thread_hooks.push_back([lane](Lane at, int) {
      if (at == lane) throw std::runtime_error("no such library");
    });
    const int source = b.numbers(5);
    b.lambda("sink", {b.from(source)}, 0, [](Lambda&, Item&) {}, {.lane = lane});
    const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
    EXPECT_EQ(r.exit_code(), 1);
    EXPECT_THAT(r.fatal, HasSubstr("no such library"));
  }
}

/// Says list, but gives a number from item 5 on: the engine, not the node, meets that.
class NoList final : public Node {
 public:
  NoList() : Node({.about = "says list, gives a number"}) {}
  void process(Item& item) override {
    if (item[n] < 5)
      item.set(all, List<double>{});
    else
      item.output(all.index(), Value::of<double>(1.0));
  }
  In<double> n{this, "n", "a number"};
  Out<List<double>> all{this, "all", "no list"};
};

TEST(Errors, WhatGoesWrongInsideTheEngineEndsTheRunAndDoesNotHangIt) {
  GraphBuilder b;
  const int source = b.numbers(50);
  const int list = b.add("list", std::make_unique<NoList>(), {b.from(source)});
  b.begin_foreach("each", b.from(list), 4);
  b.lambda("inner", {b.element()}, 0, [](Lambda&, Item&) {});
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.exit_code(), 1);
  EXPECT_THAT(r.fatal, HasSubstr("a list was expected"));
}

TEST(Errors, NoNodeIsClosedWhileItIsCalledWhateverGoesWrong) {
  for (const Lane lane : {Lane::blocking, Lane::device}) {
    GraphBuilder b;
    const int source = b.numbers(1000);
    std::atomic<int> inside{0}, closed_inside{0};
    auto slow = std::make_unique<Lambda>(NodeInfo{.lane = lane}, 1, 0, [&](Lambda&, Item&) {
      ++inside;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      --inside;
    });
    slow->on_close = [&](Outcome) { closed_inside += inside; };
    b.add("slow", std::move(slow), {b.from(source)});
    const int list = b.add("list", std::make_unique<NoList>(), {b.from(source)});
    b.begin_foreach("each", b.from(list), 4);
    b.lambda("inner", {b.element()}, 0, [](Lambda&, Item&) {});
    b.end_foreach({});
    EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 1);
    EXPECT_EQ(closed_inside, 0);
  }
}

TEST(Errors, WhatOpenThrowsEndsTheRunBeforeTheFirstItem) {
  GraphBuilder b;
  const int source = b.numbers(5);
  int items = 0;
  auto node = std::make_unique<Lambda>(NodeInfo{}, 1, 0, [&](Lambda&, Item&) { ++items; });
  node->on_open = [](OpenContext&) { throw std::runtime_error("no model there"); };
  b.add("sink", std::move(node), {b.from(source)});
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(r.exit_code(), 1);
  EXPECT_EQ(r.fatal, "node 'sink': no model there");
  EXPECT_EQ(items, 0);
}

TEST(Errors, WhatCloseThrowsFailsTheRun) {
  GraphBuilder b;
  const int source = b.numbers(5);
  auto node = std::make_unique<Lambda>(NodeInfo{}, 1, 0, [](Lambda&, Item&) {});
  node->on_close = [](Outcome) { throw std::runtime_error("cannot flush"); };
  b.add("sink", std::move(node), {b.from(source)});
  const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(r.exit_code(), 1);
  EXPECT_EQ(r.fatal, "node 'sink': cannot flush");
}

TEST(Errors, ASourcesErrorBelongsToItsItemAndKeepsWhatWasSet) {
  GraphBuilder b;
  auto numbers = std::make_unique<Numbers>(6);
  numbers->before = [](Item&, std::uint64_t i) {
    if (i % 2) throw Error("unreadable", "unreadable");
  };
  const int source = b.add("numbers", std::move(numbers));
  std::vector<std::string> rows;
  b.lambda("sink", {b.from(source)}, 0,
           [&](Lambda& n, Item& i) { rows.push_back(i.has(n.in[0]) ? "ok" : i.why(n.in[0])->code); },
           {.ordered = true});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_THAT(rows, ElementsAre("ok", "unreadable", "ok", "unreadable", "ok", "unreadable"));
  EXPECT_EQ(r.exit_code(), 3);
}

TEST(Errors, NothingSucceededIsExitCodeOne) {
  GraphBuilder b;
  const int source = b.numbers(5);
  b.lambda("sink", {b.from(source)}, 0, [](Lambda&, Item&) { throw Error("no"); });
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(1)).run().exit_code(), 1);
}

}  // namespace
}  // namespace dfpipe::engine::testing
