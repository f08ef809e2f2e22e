#include <gtest/gtest.h>

#include "graph_builder.hpp"

/// Under --deterministic batches wait for later items; none of them may ever hold what those items need.
namespace dfpipe::engine::testing {
namespace {

void pass_rows(Model& n, Item& i) { i.set(n.out, Counted(i[n.in].rows)); }

RunOptions deterministic() {
  RunOptions options = with_threads(2);
  options.deterministic = true;
  return options;
}

TEST(Windows, ChildrenOfTwoKindsNeverWaitForChildrenThatHaveNoSlot) {
  GraphBuilder b;
  const int source = b.numbers(4);
  const int list = b.add("list", std::make_unique<Spread>([](double) { return 40; }), {b.from(source)});
  b.begin_foreach("each", b.from(list), 16);
  const int sign = b.lambda("sign", {b.element()}, 1, [](Lambda& n, Item& i) {
    const double v = i[n.in[0]];
    i.set(n.out[0], static_cast<int>(v) % 2 ? v : -1 - v);
  });
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(sign)});
  drain(b, b.add("model", std::make_unique<Model>(16, pass_rows), {b.from(wrap)}));
  b.end_foreach({});
  const RunResult r = Engine(std::move(b.graph), deterministic()).run();
  EXPECT_EQ(r.stats.ok, 4u);
  EXPECT_EQ(r.stats.children, 160u);
}

TEST(Windows, ABatchOfANestedForeachMayBeLargerThanTheOuterSlots) {
  GraphBuilder b;
  const int source = b.numbers(2);
  const int list = b.add("list", std::make_unique<Spread>([](double) { return 64; }), {b.from(source)});
  b.begin_foreach("outer", b.from(list), 16);
  const int inner_list = b.add("inner-list", std::make_unique<Spread>([](double) { return 1; }), {b.element()});
  b.begin_foreach("inner", b.from(inner_list), 32);
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.element()});
  drain(b, b.add("model", std::make_unique<Model>(32, pass_rows), {b.from(wrap)}));
  b.end_foreach({});
  b.end_foreach({});
  EXPECT_EQ(Engine(std::move(b.graph), deterministic()).run().stats.ok, 2u);
}

TEST(Windows, ChildrenThatPassOneModelDoNotWaitForEverAtTheNext) {
  GraphBuilder b;
  const int source = b.numbers(2);
  const int list = b.add("list", std::make_unique<Spread>([](double) { return 64; }), {b.from(source)});
  b.begin_foreach("each", b.from(list), 16);
  const int some = b.lambda("some", {b.element()}, 1, [](Lambda& n, Item& i) {
    if (static_cast<int>(i[n.in[0]]) % 32 == 0) i.set(n.out[0], i[n.in[0]]);
  });
  const int rare = b.add("rare", std::make_unique<Wrap>(), {b.from(some)});
  const int all = b.add("all", std::make_unique<Wrap>(), {b.element()});
  const int one = b.add("one", std::make_unique<Model>(8, pass_rows), {b.from(rare)});
  drain(b, b.add("two", std::make_unique<Model>(8, pass_rows, true), {b.from(all), b.from(one)}));
  b.end_foreach({});
  EXPECT_EQ(Engine(std::move(b.graph), deterministic()).run().stats.ok, 2u);
}

TEST(Windows, AStatefulNodeSeesItsItemsInTheSameOrderForAnyNumberOfThreads) {
  const auto order = [](int threads) {
    GraphBuilder b;
    b.graph.credits = 8;
    const int source = b.numbers(300);
    const int jitter = b.lambda("jitter", {b.from(source)}, 1, [threads](Lambda& n, Item& i) {
      for (std::uint64_t spin = Random(i.key().index + static_cast<std::uint64_t>(threads)).below(4000); spin > 0;
           --spin)
        asm volatile("");
      if (i.key().index % 5 != 1) i.set(n.out[0], i[n.in[0]]);
    });
    std::vector<std::uint64_t> seen;
    b.lambda("state", {b.from(jitter)}, 1, [&](Lambda&, Item& i) { seen.push_back(i.key().index); },
             {.stateful = true});
    RunOptions options = deterministic();
    options.threads = threads;
    Engine(std::move(b.graph), options).run();
    return seen;
  };
  const auto expected = order(1);
  EXPECT_EQ(expected.size(), 240u);
  for (int repeat = 0; repeat < 5; ++repeat) EXPECT_EQ(order(4), expected);
}

}  // namespace
}  // namespace dfpipe::engine::testing
