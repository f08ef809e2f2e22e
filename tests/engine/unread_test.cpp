#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "graph_builder.hpp"

/// What nobody wants in the end costs nothing anywhere on the way to it.
namespace dfpipe::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// source -> attend -> map -> overlay -> (sink, if read), and attend's second output straight to the sink.
std::map<std::string, int> calls(bool overlay_enabled, bool overlay_read) {
  GraphBuilder b;
  std::mutex mutex;
  std::map<std::string, int> counted;
  const auto count = [&](const std::string& name) {
    return [&, name](Lambda& n, Item& i) {
      std::lock_guard lock(mutex);
      ++counted[name];
      for (auto& out : n.out)
        if (i.wanted(out)) ++counted[name + " wanted " + std::to_string(out.index())];
      for (auto& out : n.out) i.set(out, 1.0);
    };
  };
  const int source = b.numbers(3);
  const int attend = b.lambda("attend", {b.from(source)}, 2, count("attend"));
  const int map = b.lambda("map", {b.from(attend, 1)}, 1, count("map"));
  const int overlay = b.lambda("overlay", {b.from(map)}, 1, count("overlay"));
  b.spec(overlay).enabled = overlay_enabled;
  b.lambda(
      "sink", {b.from(attend, 0), overlay_read ? b.from(overlay) : Edge{}}, 0, [](Lambda&, Item&) {}, {}, true);
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().stats.ok, 3u);
  return counted;
}

TEST(Unread, ANodeThatIsReadIsCalledAndAskedForWhatIsRead) {
  EXPECT_THAT(calls(true, true),
              ElementsAre(Pair("attend", 3), Pair("attend wanted 0", 3), Pair("attend wanted 1", 3), Pair("map", 3),
                          Pair("map wanted 0", 3), Pair("overlay", 3), Pair("overlay wanted 0", 3)));
}

TEST(Unread, BehindAReaderThatIsSwitchedOffOrUnreadNothingIsCalledOrWanted) {
  const auto only_the_first = ElementsAre(Pair("attend", 3), Pair("attend wanted 0", 3));
  EXPECT_THAT(calls(false, true), only_the_first);
  EXPECT_THAT(calls(true, false), only_the_first);
}

TEST(Unread, WhatAForeachGathersForNobodyIsNotMade) {
  for (const bool read : {true, false}) {
    GraphBuilder b;
    const int source = b.numbers(2);
    const int list = b.add("list", std::make_unique<Spread>([](double) { return 3; }), {b.from(source)});
    b.begin_foreach("each", b.from(list), 4);
    std::atomic<int> called{0};
    const int inner = b.lambda("inner", {b.element()}, 1, [&](Lambda& n, Item& i) {
      ++called;
      i.set(n.out[0], 1.0);
    });
    const int each = b.end_foreach({b.from(inner)});
    if (read) b.add("sink", std::make_unique<ListSink>(NodeInfo{}, [](auto&&...) {}), {b.from(each)});
    const RunResult r = Engine(std::move(b.graph), with_threads(1)).run();
    EXPECT_EQ(r.exit_code(), 0);
    EXPECT_EQ(called, read ? 6 : 0);
    EXPECT_EQ(r.stats.children, read ? 6u : 0u) << "nor is the list";
  }
}

TEST(Unread, WhatAForeachGathersForNobodyIsDroppedLikeAnyValue) {
  GraphBuilder b;
  const int source = b.numbers(1);
  const int list = b.add("list", std::make_unique<Spread>([](double) { return 5; }), {b.from(source)});
  b.begin_foreach("each", b.from(list), 1);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.element()});
  int most = 0;
  b.add("use", std::make_unique<Unwrap>(NodeInfo{}, [&](auto&&...) { most = std::max(most, Counted::alive.load()); }),
        {b.from(wrap)});
  const int number = b.lambda("number", {b.element()}, 1, [](Lambda& n, Item& i) { i.set(n.out[0], 1.0); });
  const int each = b.end_foreach({b.from(number), b.from(wrap)});
  b.spec(each).gather_types = {"number", std::string(Type<Counted>::name)};
  b.add("sink", std::make_unique<ListSink>(NodeInfo{}, [](auto&&...) {}), {b.from(each)});
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(1)).run().exit_code(), 0);
  EXPECT_EQ(most, 1) << "of the children before, none is kept";
}

TEST(Unread, ASinkAndANodeWithAStateAreCalledAnyway) {
  GraphBuilder b;
  const int source = b.numbers(2);
  int stateful = 0, sink = 0;
  b.lambda("stateful", {b.from(source)}, 1, [&](Lambda&, Item&) { ++stateful; }, {.stateful = true});
  b.lambda("sink", {b.from(source)}, 0, [&](Lambda&, Item&) { ++sink; }, {.stateful = true});
  Engine(std::move(b.graph), with_threads(1)).run();
  EXPECT_EQ(stateful, 2);
  EXPECT_EQ(sink, 2);
}

}  // namespace
}  // namespace dfpipe::engine::testing
