#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

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

TEST(Credits, AValueIsDroppedAfterItsLastReader) {
  GraphBuilder b;
  const int source = b.numbers(50);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  const int model =
      b.add("model", std::make_unique<Model>(1, [](Model& n, Item& i) { i.set(n.out, Counted({i[n.in].rows[0]})); }),
            {b.from(wrap)});
  int most = 0;
  const int after = b.lambda("after", {b.from(source)}, 1, [](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]]); });
  b.add("sink",
        std::make_unique<Unwrap>(
            NodeInfo{.stateful = true},
            [&](const ItemKey&, const Counted*, const ReasonPtr&) { most = std::max(most, Counted::alive.load()); }),
        {b.from(model)});
  (void)after;
  b.graph.credits = 1;
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_EQ(most, 1) << "the input of 'model' is gone before its reader's reader runs";
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Credits, AnItemThatWaitsForItsTurnKeepsOnlyWhatTheSinkReads) {
  GraphBuilder b;
  b.graph.credits = 8;
  const int source = b.numbers(8);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(source)});
  std::atomic<int> arrived{0};
  const int slow = b.lambda("slow", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    if (i[n.in[0]] == 0)  // the first item holds up all the others at the sink, until their values are gone
      while ((arrived < 7 || Counted::alive > 0) && std::chrono::steady_clock::now() < patience)
        std::this_thread::yield();
    ++arrived;
    i.set(n.out[0], i[n.in[0]]);
  });
  const int use = b.add("use", std::make_unique<Model>(1, [](Model&, Item&) {}), {b.from(wrap)});
  (void)use;
  int alive_at_the_sink = -1;
  b.lambda("sink", {b.from(slow)}, 0,
           [&](Lambda&, Item&) { alive_at_the_sink = std::max(alive_at_the_sink, Counted::alive.load()); },
           {.ordered = true});
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_EQ(alive_at_the_sink, 0) << "seven finished items wait, and hold none of the dropped values";
}

}  // namespace
}  // namespace dfpipe::engine::testing
