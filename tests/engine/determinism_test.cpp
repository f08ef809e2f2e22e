#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <sstream>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

/// A graph of the predict pipeline's shape with random delays, failures and child counts; its result is a text that
/// holds every value and the composition of every batch.
std::string run_shape(int threads, bool deterministic, std::uint64_t seed, int window, std::uint64_t limit = 0) {
  GraphBuilder b;
  b.graph.credits = 12;
  b.graph.window = window;
  b.graph.seed = seed;
  std::mutex mutex;
  std::set<std::string> batches;
  const auto delay = [threads](Item& i) {
    if (threads > 1)
      for (std::uint64_t spin = Random(i.key().index * 7 + static_cast<std::uint64_t>(threads)).below(4000); spin > 0;
           --spin)
        asm volatile("");
  };
  const auto model = [&](const std::string& name, std::int64_t max, double factor) {
    return std::make_unique<Model>(max, [&mutex, &batches, name, factor](Model& n, Item& i) {
      std::string text = name;
      std::vector<double> rows = i[n.in].rows;
      for (double& r : rows) {
        text += " " + std::to_string(static_cast<std::int64_t>(r));
        r *= factor;
      }
      {
        std::lock_guard lock(mutex);
        batches.insert(text);
      }
      i.set(n.out, Counted(rows));
    });
  };
  const int source = b.numbers(100);
  const int decode = b.lambda("decode", {b.from(source)}, 1, [&](Lambda& n, Item& i) {
    delay(i);
    if (i.random().below(7) == 0) throw Error("broken");
    i.set(n.out[0], i[n.in[0]]);
  });
  const int whole = b.add("whole", std::make_unique<Wrap>(), {b.from(decode)});
  const int root_model = b.add("root-model", model("root", 5, 1), {b.from(whole)});
  const int spread =
      b.add("spread", std::make_unique<Spread>([](double n) { return Random(static_cast<std::uint64_t>(n)).below(6); }),
            {b.from(decode)});
  b.begin_foreach("each", b.from(spread), 16);
  const int crop = b.lambda("crop", {b.element()}, 1, [&](Lambda& n, Item& i) {
    delay(i);
    if (i.random().below(9) == 0) throw Error("bad face");
    i.set(n.out[0], i[n.in[0]]);
  });
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(crop)});
  const int one = b.add("one", model("one", 7, 2), {b.from(wrap)});
  const int two = b.add("two", model("two", 3, 3), {b.from(one)});
  const int noise =
      b.lambda("noise", {b.element()}, 1, [](Lambda& n, Item& i) { i.set(n.out[0], i.random().uniform()); });
  std::map<std::string, std::string> leaves;
  b.add("leaf",
        std::make_unique<Unwrap>(NodeInfo{},
                                 [&](const ItemKey& key, const Counted* c, const ReasonPtr& why) {
                                   std::lock_guard lock(mutex);
                                   leaves[key.text()] = c ? std::to_string(c->rows[0]) : why->text();
                                 }),
        {b.from(two)});
  const int each = b.end_foreach({b.from(noise)});
  std::ostringstream out;
  out.precision(17);
  b.add("sink",
        std::make_unique<ListSink>(NodeInfo{.ordered = true},
                                   [&](const ItemKey& key, const List<double>* list, const ReasonPtr& why) {
                                     out << key.text() << ":";
                                     if (!list) out << " " << why->text();
                                     for (std::size_t c = 0; list && c < list->size(); ++c) out << " " << list->at(c);
                                     out << "\n";
                                   }),
        {b.from(each)});
  drain(b, root_model);
  RunOptions options = with_threads(threads);
  options.deterministic = deterministic;
  if (limit) options.limit = limit;
  const RunResult r = Engine(std::move(b.graph), options).run();
  EXPECT_TRUE(r.fatal.empty()) << r.fatal;
  EXPECT_EQ(r.stats.emitted, r.stats.ok + r.stats.failed);
  for (const auto& [key, text] : leaves) out << key << "=" << text << "\n";
  if (deterministic)
    for (const std::string& batch : batches) out << batch << "\n";
  return out.str();
}

TEST(Determinism, OutputsAndBatchesAreEqualForAnyNumberOfThreads) {
  for (const int window : {1, 5, 12}) {
    const std::string expected = run_shape(1, true, 3, window);
    for (const int threads : {1, 2, 8})
      for (int repeat = 0; repeat < 3; ++repeat)
        ASSERT_EQ(run_shape(threads, true, 3, window), expected) << threads << " " << window;
  }
}

TEST(Determinism, TheEndOfALimitedRunFlushesTheLastBatches) {
  for (std::uint64_t limit = 1; limit < 30; ++limit)
    ASSERT_EQ(run_shape(2, true, 5, 8, limit), run_shape(1, true, 5, 8, limit));
}

TEST(Determinism, WithoutItTheValuesAreStillThoseOfTheItems) {
  const std::string expected = run_shape(1, false, 3, 12);
  for (const int threads : {2, 4}) EXPECT_EQ(run_shape(threads, false, 3, 12), expected);
}

TEST(Determinism, AnotherSeedGivesOtherNumbers) { EXPECT_NE(run_shape(1, true, 3, 12), run_shape(1, true, 4, 12)); }

TEST(RandomNumbers, DependOnSeedItemNodeAndEpochAlone) {
  const auto draw = [](std::uint64_t seed, std::uint32_t epoch, int threads) {
    GraphBuilder b;
    b.graph.seed = seed;
    auto numbers = std::make_unique<Numbers>(50);
    numbers->before = [epoch](Item& i, std::uint64_t) { i.set_attributes({Phase::train, epoch, false}); };
    const int source = b.add("numbers", std::move(numbers));
    std::mutex mutex;
    std::map<std::string, std::uint64_t> drawn;
    for (const std::string name : {"a", "b"})
      b.lambda(name, {b.from(source)}, 0, [&, name](Lambda&, Item& i) {
        std::lock_guard lock(mutex);
        drawn[name + i.key().text()] = i.random().bits64();
      });
    Engine(std::move(b.graph), with_threads(threads)).run();
    return drawn;
  };
  const auto one = draw(1, 0, 1);
  EXPECT_EQ(one, draw(1, 0, 4));
  std::set<std::uint64_t> all;
  for (const auto& drawn : {one, draw(2, 0, 1), draw(1, 1, 1)})
    for (const auto& [name, bits] : drawn) all.insert(bits);
  EXPECT_EQ(all.size(), 300u) << "every node, item, epoch and seed has a stream of its own";
}

}  // namespace
}  // namespace dfpipe::engine::testing
