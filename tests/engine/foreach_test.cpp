#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using ::testing::HasSubstr;

TEST(Foreach, GathersZeroOneAndManyChildrenInOrder) {
  GraphBuilder b;
  const int source = b.numbers(30);
  const int spread = b.add("spread", std::make_unique<Spread>([](double n) {
                             return std::vector<std::size_t>{0, 1, 500}[static_cast<std::size_t>(n) % 3];
                           }),
                           {b.from(source)});
  b.begin_foreach("each", b.from(spread), 8);
  const int inner = b.lambda("inner", {b.element(), b.from(source)}, 1,
                             [](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]] * 2 + i[n.in[1]]); });
  const int each = b.end_foreach({b.from(inner)});
  std::vector<std::size_t> sizes;
  bool right = true;
  b.add("sink",
        std::make_unique<ListSink>(NodeInfo{.ordered = true},
                                   [&](const ItemKey& key, const List<double>* list, const ReasonPtr&) {
                                     const auto n = static_cast<double>(key.index);
                                     sizes.push_back(list->size());
                                     for (std::size_t c = 0; c < list->size(); ++c)
                                       right &= list->at(c) == (n * 1000 + static_cast<double>(c)) * 2 + n;
                                   }),
        {b.from(each)});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.exit_code(), 0) << r.fatal;
  ASSERT_EQ(sizes.size(), 30u);
  EXPECT_THAT(std::vector<std::size_t>(sizes.begin(), sizes.begin() + 3), ::testing::ElementsAre(0, 1, 500));
  EXPECT_TRUE(right);
  EXPECT_EQ(r.stats.children, 10u * 501);
}

TEST(Foreach, NeverHoldsMoreChildrenThanItsSlots) {
  for (const bool deterministic : {false, true}) {
    GraphBuilder b;
    const int source = b.numbers(50);
    const int spread = b.add("spread", std::make_unique<Spread>([](double) { return 40; }), {b.from(source)});
    b.begin_foreach("each", b.from(spread), 5);
    std::atomic<int> inside{0}, most{0};
    const int enter = b.lambda("enter", {b.element()}, 1, [&](Lambda& n, Item& i) {
      const int now = ++inside;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      i.set(n.out[0], i[n.in[0]]);
    });
    // On another lane, so that workers go on to the next child while this one still lives.
    b.lambda("leave", {b.from(enter)}, 0, [&](Lambda&, Item&) { --inside; }, {.lane = Lane::blocking});
    b.end_foreach({});
    RunOptions options = with_threads(4);
    options.deterministic = deterministic;
    const RunResult r = Engine(std::move(b.graph), options).run();
    EXPECT_EQ(r.stats.children, 2000u);
    EXPECT_LE(most, 5);
    EXPECT_GT(most, 1);
  }
}

TEST(Foreach, AFailedChildStaysInItsPlaceWithItsReason) {
  GraphBuilder b;
  const int source = b.numbers(1);
  const int spread = b.add("spread", std::make_unique<Spread>([](double) { return 5; }), {b.from(source)});
  b.begin_foreach("each", b.from(spread), 8);
  const int inner = b.lambda("inner", {b.element()}, 1, [](Lambda& n, Item& i) {
    if (i[n.in[0]] == 2) throw Error("two is not liked", "two");
    i.set(n.out[0], i[n.in[0]]);
  });
  const int each = b.end_foreach({b.from(inner)});
  std::string row;
  b.add("sink",
        std::make_unique<ListSink>(NodeInfo{},
                                   [&](const ItemKey&, const List<double>* list, const ReasonPtr&) {
                                     for (std::size_t c = 0; c < list->size(); ++c)
                                       row += list->has(c) ? std::to_string(int(list->at(c))) + " "
                                                           : list->why(c)->text() + " ";
                                   }),
        {b.from(each)});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(row, "0 1 node 'inner': two: two is not liked 3 4 ");
  EXPECT_EQ(r.stats.failed, 1u);
}

TEST(Foreach, NestsAndReadsValuesOfEveryOuterScope) {
  GraphBuilder b;
  const int source = b.numbers(20);
  const int outer_list =
      b.add("outer-list", std::make_unique<Spread>([](double n) { return std::size_t(n) % 4; }), {b.from(source)});
  b.begin_foreach("outer", b.from(outer_list), 3);
  const int inner_list =
      b.add("inner-list", std::make_unique<Spread>([](double n) { return std::size_t(n) % 3; }), {b.element()});
  b.begin_foreach("inner", b.from(inner_list), 2);
  std::atomic<int> calls{0};
  const int leaf = b.lambda("leaf", {b.element(), b.from(source)}, 1, [&](Lambda& n, Item& i) {
    ++calls;
    EXPECT_EQ(i.key().child.size(), 2u);
    EXPECT_EQ(i[n.in[1]], static_cast<double>(i.key().index));
    i.set(n.out[0], i[n.in[0]]);
  });
  drain(b, leaf);
  b.end_foreach({});
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), with_threads(3)).run();
  EXPECT_EQ(r.exit_code(), 0);
  int expected = 0;
  for (int n = 0; n < 20; ++n)
    for (int c = 0; c < n % 4; ++c) expected += (n * 1000 + c) % 3;
  EXPECT_EQ(calls, expected);
}

TEST(Foreach, ListsOfDifferentLengthAreAnErrorOfTheItem) {
  GraphBuilder b;
  const int source = b.numbers(2);
  const int two = b.add("two", std::make_unique<Spread>([](double) { return 2; }), {b.from(source)});
  const int three = b.add("three", std::make_unique<Spread>([](double n) { return n == 0 ? 3 : 2; }), {b.from(source)});
  const int each = b.begin_foreach("each", b.from(two), 4);
  b.spec(each).inputs.push_back(b.from(three));
  const int inner = b.lambda("inner", {b.element(0), b.element(1)}, 1,
                             [](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]] + i[n.in[1]]); });
  drain(b, inner);
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.stats.failed, 1u);
  EXPECT_EQ(r.stats.ok, 1u);
  ASSERT_EQ(r.first_errors.size(), 1u);
  EXPECT_THAT(r.first_errors[0], HasSubstr("3"));
}

}  // namespace
}  // namespace dfpipe::engine::testing
