#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <future>
#include <thread>

#include "graph_builder.hpp"

/// Random graphs of the shapes above with random delays, failures, cancellations, retries and stops. What must hold
/// every time: the run ends, every item is accounted for, no value is left alive, no sink is served twice.
namespace dfpipe::engine::testing {
namespace {

struct Chaos {
  std::uint64_t seed;
  int threads;
  bool deterministic;
  int stop_after_us;  ///< 0: let it end
  bool abort;
};

void run_chaos(const Chaos& chaos) {
  Random dice(chaos.seed);
  GraphBuilder b;
  b.graph.credits = 4 + static_cast<int>(dice.below(20));
  b.graph.window = 1 + static_cast<int>(dice.below(static_cast<std::uint64_t>(b.graph.credits)));
  b.graph.seed = chaos.seed;
  const auto trouble = [](Item& i) {
    Random r = i.random();
    for (std::uint64_t spin = r.below(3000); spin > 0; --spin) asm volatile("");
    switch (r.below(40)) {
      case 0:
        throw Error("unlucky", "unlucky");
      case 1:
        throw std::runtime_error("plain");
      case 2:
        throw 7;
      case 3:
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        break;
      default:
        break;
    }
  };
  const auto pass = [&](Lambda& n, Item& i) {
    trouble(i);
    i.set(n.out[0], i[n.in[0]]);
  };
  const auto model = [&](Model& n, Item& i) {
    for (const double v : i[n.in].rows)
      if (static_cast<int>(std::abs(v)) % 13 == 5) throw Error("row");
    i.set(n.out, Counted(i[n.in].rows));
  };
  const auto never = std::make_shared<std::atomic<bool>>(true);
  auto numbers = std::make_unique<Numbers>(300);
  numbers->before = [never](Item& item, std::uint64_t i) {
    if (i % 17 == 3) item.set_cancel(never);
    if (i % 23 == 5) throw Error("unreadable");
  };
  const int source = b.add("numbers", std::move(numbers));
  const int decode = b.lambda("decode", {b.from(source)}, 1, pass);
  const int flaky = b.lambda("flaky", {b.from(decode)}, 1, pass, {.lane = Lane::blocking});
  b.spec(flaky).on_error = {OnError::Action::retry, 2, std::chrono::milliseconds(1)};
  const int list =
      b.add("list", std::make_unique<Spread>([](double n) { return Random(static_cast<std::uint64_t>(n)).below(9); }),
            {b.from(decode)});
  // As few slots as the largest batch allows, payloads of two kinds, and a path that many children pass by.
  b.begin_foreach("each", b.from(list), 6 + static_cast<int>(dice.below(4)));
  const int sign = b.lambda("sign", {b.element()}, 1, [](Lambda& n, Item& i) {
    i.set(n.out[0], i.random().below(3) == 0 ? -1 - i[n.in[0]] : i[n.in[0]]);
  });
  const int wrap = b.add("wrap", std::make_unique<Wrap>(), {b.from(sign)});
  const int one = b.add("one", std::make_unique<Model>(6, model), {b.from(wrap)});
  const int all = b.add("all", std::make_unique<Wrap>(), {b.element()});
  const int two = b.add("two", std::make_unique<Model>(4, model, true), {b.from(all), b.from(one)});
  const int inner_list = b.add(
      "inner-list", std::make_unique<Spread>([](double n) { return static_cast<std::size_t>(n) % 3; }), {b.element()});
  b.begin_foreach("inner", b.from(inner_list), 8);
  const int leaf = b.lambda("leaf", {b.element(), b.from(flaky)}, 1, pass);
  const int inner_wrap = b.add("inner-wrap", std::make_unique<Wrap>(), {b.from(leaf)});
  drain(b, b.add("inner-model", std::make_unique<Model>(8, model), {b.from(inner_wrap)}));
  const int inner = b.end_foreach({b.from(leaf)});
  const int merge = b.lambda("merge", {b.element()}, 1, pass);
  b.add("see", std::make_unique<Unwrap>(NodeInfo{}, [](auto&&...) {}), {b.from(two)});
  b.add("see-inner", std::make_unique<ListSink>(NodeInfo{}, [](auto&&...) {}), {b.from(inner)});
  const int each = b.end_foreach({b.from(merge)});
  std::uint64_t next = 0;
  bool in_order = true;
  b.add("sink",
        std::make_unique<ListSink>(NodeInfo{.ordered = true},
                                   [&](const ItemKey& key, const List<double>*, const ReasonPtr&) {
                                     in_order &= key.index >= next;
                                     next = key.index + 1;
                                   }),
        {b.from(each)});
  RunOptions options = with_threads(chaos.threads);
  options.deterministic = chaos.deterministic;
  const int before = Counted::alive;
  {
    Engine engine(std::move(b.graph), options);
    std::jthread stopper;
    if (chaos.stop_after_us > 0)
      stopper = std::jthread([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(chaos.stop_after_us));
        (void)engine.snapshot();
        if (chaos.abort)
          engine.abort();
        else
          engine.stop();
      });
    const RunResult r = engine.run();
    EXPECT_TRUE(r.fatal.empty()) << r.fatal;
    EXPECT_EQ(r.stats.emitted, r.stats.ok + r.stats.failed + r.stats.stopped);
    EXPECT_EQ(r.stats.live, 0u);
    EXPECT_TRUE(in_order);
    for (const NodeStats& n : r.stats.nodes) EXPECT_EQ(n.queued, 0u) << n.name;
    if (chaos.stop_after_us == 0) {
      EXPECT_EQ(r.stats.emitted, 300u);
    }
  }
  EXPECT_EQ(Counted::alive, before);
}

TEST(Stress, RandomDelaysFailuresCancellationsAndRetries) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed)
    run_chaos({seed, 1 + static_cast<int>(seed % 4), seed % 3 == 0, 0, false});
}

TEST(Stress, StopsAndAbortsAtRandomMoments) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed)
    run_chaos({seed, 1 + static_cast<int>(seed % 3), seed % 2 == 0, static_cast<int>(Random(seed).below(20'000)) + 1,
               seed % 4 < 2});
}

}  // namespace
}  // namespace dfpipe::engine::testing
