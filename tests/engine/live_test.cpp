#include <gmock/gmock.h>

#include <future>
#include <mutex>

#include "dfpipe/run_view.hpp"
#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

using namespace std::chrono_literals;

/// Gives what was promised, also after a stop, as a server's source does.
class Promising final : public Numbers {
 public:
  Promising() : Numbers(1'000'000) {}
  bool next(Item& item, std::stop_token stop) override {
    std::unique_lock lock(mutex);
    asked = true;
    changed.wait(lock, stop, [this] { return promised > 0; });
    changed.wait(lock, [this] { return promised > 0 || discarded || !owes; });
    if (promised == 0) return false;
    --promised;
    return Numbers::next(item, stop);
  }
  bool live() const override { return true; }
  bool drains() const override { return true; }
  void discard() override {
    const std::lock_guard lock(mutex);
    promised = 0;
    discarded = true;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable_any changed;
  int promised = 0;
  bool owes = false;  ///< something that has not come yet
  bool discarded = false;
  std::atomic<bool> asked{false};
};

struct Served {
  explicit Served(int credits) {
    auto made = std::make_unique<Promising>();
    source = made.get();
    builder.graph.credits = credits;
    builder.lambda("sink", {builder.from(builder.add("source", std::move(made)))}, 0, [this](Lambda&, Item&) {
      while (!go) std::this_thread::yield();
      ++served;
    });
  }
  GraphBuilder builder;
  Promising* source;
  std::atomic<bool> go{false};
  std::atomic<int> served{0};
};

TEST(Live, ADrainingSourceGivesAllThatItPromisedAfterAStop) {
  Served run(2);
  run.source->promised = 50;
  Engine engine(std::move(run.builder.graph), with_threads(2));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (engine.snapshot().live < 2) std::this_thread::yield();
  engine.stop();
  run.go = true;
  const RunResult r = result.get();
  EXPECT_EQ(run.served, 50);
  EXPECT_EQ(r.stats.ok, 50u);
  EXPECT_EQ(r.exit_code(), 0);
}

TEST(Live, ASecondStopEndsADrainingSource) {
  Served run(2);
  run.source->promised = 1000;
  Engine engine(std::move(run.builder.graph), with_threads(1));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (engine.snapshot().live < 2) std::this_thread::yield();
  engine.stop();
  engine.abort();
  run.go = true;
  const RunResult r = result.get();
  EXPECT_LE(r.stats.emitted, 3u);
  EXPECT_EQ(r.stats.emitted, r.stats.ok + r.stats.failed + r.stats.stopped);
}

TEST(Live, ASecondStopReachesASourceThatWaitsForWhatItOwes) {
  Served run(2);
  run.source->owes = true;
  Engine engine(std::move(run.builder.graph), with_threads(1));
  auto result = std::async(std::launch::async, [&] { return engine.run(); });
  while (!run.source->asked) std::this_thread::yield();
  engine.stop();
  EXPECT_EQ(result.wait_for(30ms), std::future_status::timeout);
  engine.abort();
  EXPECT_EQ(result.get().exit_code(), 0);
}

TEST(RunView, TellsANodeOfItsRunAlsoWhenItIsOver) {
  std::shared_ptr<const RunView> view;
  {
    GraphBuilder b;
    b.graph.credits = 5;
    b.graph.config = "abc";
    b.graph.description = "{}";
    const int source = b.numbers(10);
    const int node = b.lambda("node", {b.from(source)}, 1, [](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]]); });
    static_cast<Lambda&>(*b.graph.nodes[static_cast<std::size_t>(node)].node).on_open = [&](OpenContext& context) {
      view = context.run();
      EXPECT_EQ(view->snapshot().emitted, 0u);
    };
    b.lambda("sink", {b.from(node)}, 0, [&](Lambda&, Item&) { EXPECT_LE(view->snapshot().emitted, 10u); });
    Engine(std::move(b.graph), with_threads(2)).run();
  }
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(view->credits(), 5);
  EXPECT_EQ(view->graph(), "{}");
  EXPECT_EQ(view->config_hash(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const Snapshot last = view->snapshot();
  EXPECT_EQ(last.ok, 10u);
  ASSERT_EQ(last.nodes.size(), 3u);
  EXPECT_EQ(last.nodes[1].items, 10u);
}

}  // namespace
}  // namespace dfpipe::engine::testing
