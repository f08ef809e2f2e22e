#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

RunOptions with_threads(int n) {
  RunOptions o;
  o.threads = n;
  return o;
}

TEST(Credits, ADiamondWithASlowSinkNeverHoldsMoreItemsThanCredits) {
  GraphBuilder b;
  b.graph.credits = 16;
  const int source = b.numbers(100'000);
  const auto plus = [](double d) { return [d](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]] + d); }; };
  const int left = b.lambda("left", {b.from(source)}, 1, plus(1));
  const int right = b.lambda("right", {b.from(source)}, 1, plus(2));
  std::atomic<std::uint64_t> sum{0};
  b.lambda("sink", {b.from(left), b.from(right)}, 0, [&](Lambda& n, Item& i) {
    if (static_cast<std::uint64_t>(i[n.in[0]]) % 1000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    sum += static_cast<std::uint64_t>(i[n.in[1]] - i[n.in[0]]);
  });
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.exit_code(), 0) << r.fatal;
  EXPECT_EQ(sum, 100'000u);
  EXPECT_EQ(r.stats.ok, 100'000u);
  EXPECT_LE(r.stats.peak_live, 16u);
}

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

}  // namespace
}  // namespace dfpipe::engine::testing
