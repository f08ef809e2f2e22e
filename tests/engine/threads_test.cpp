#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "graph_builder.hpp"

namespace dfpipe::engine::testing {
namespace {

/// Counts how many calls are inside at once.
struct Inside {
  std::atomic<int> now{0}, most{0};
  void enter() {
    const int n = ++now;
    for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {
    }
  }
  void leave() { --now; }
};

void spin(Inside& inside) {
  inside.enter();
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
  while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
  inside.leave();
}

TEST(Threads, NeverMoreWorkersThanAskedForAndThatManyWhenThereIsWork) {
  for (const int threads : {1, 2, 3}) {
    GraphBuilder b;
    b.graph.credits = 16;
    const int source = b.numbers(300);
    Inside inside;
    b.lambda("work", {b.from(source)}, 0, [&](Lambda&, Item&) { spin(inside); });
    EXPECT_EQ(Engine(std::move(b.graph), with_threads(threads)).run().exit_code(), 0);
    EXPECT_EQ(inside.most, threads);
  }
}

TEST(Threads, StatefulNodesAndConcurrencyLimitsAreKept) {
  GraphBuilder b;
  const int source = b.numbers(200);
  Inside stateful, limited, blocking, device;
  b.lambda("stateful", {b.from(source)}, 0, [&](Lambda&, Item&) { spin(stateful); }, {.stateful = true});
  const int two = b.lambda("limited", {b.from(source)}, 0, [&](Lambda&, Item&) { spin(limited); });
  b.spec(two).concurrency = 2;
  b.lambda("blocking", {b.from(source)}, 0, [&](Lambda&, Item&) { spin(blocking); }, {.lane = Lane::blocking});
  b.lambda("device", {b.from(source)}, 0, [&](Lambda&, Item&) { spin(device); }, {.lane = Lane::device});
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(4)).run().exit_code(), 0);
  EXPECT_EQ(stateful.most, 1);
  EXPECT_LE(limited.most, 2);
  EXPECT_GT(blocking.most, 1) << "the pool overlaps calls that wait";
  EXPECT_EQ(device.most, 1);
}

TEST(Threads, AStatefulBlockingNodeIsCalledOneAtATime) {
  GraphBuilder b;
  const int source = b.numbers(100);
  Inside inside;
  b.lambda("sink", {b.from(source)}, 0, [&](Lambda&, Item&) { spin(inside); },
           {.lane = Lane::blocking, .stateful = true});
  EXPECT_EQ(Engine(std::move(b.graph), with_threads(2)).run().exit_code(), 0);
  EXPECT_EQ(inside.most, 1);
}

TEST(Threads, EachThreadIsAnnouncedOnceWithItsLaneAndItsNumber) {
  GraphBuilder b;
  const int source = b.numbers(100);
  std::mutex mutex;
  std::map<std::thread::id, std::vector<std::pair<Lane, int>>> announced;
  std::set<std::thread::id> used;
  b.graph.thread_hooks.push_back([&](Lane lane, int n) {
    std::lock_guard lock(mutex);
    announced[std::this_thread::get_id()].push_back({lane, n});
  });
  const auto body = [&](Lambda&, Item&) {
    std::lock_guard lock(mutex);
    used.insert(std::this_thread::get_id());
  };
  b.lambda("cpu", {b.from(source)}, 0, body);
  b.lambda("blocking", {b.from(source)}, 0, body, {.lane = Lane::blocking});
  b.lambda("device", {b.from(source)}, 0, body, {.lane = Lane::device});
  RunOptions options = with_threads(2);
  options.device_threads = 5;
  Engine(std::move(b.graph), options).run();
  for (const auto& [id, calls] : announced) EXPECT_EQ(calls.size(), 1u);
  for (const auto& id : used) EXPECT_TRUE(announced.contains(id));
  EXPECT_EQ(std::ranges::count_if(announced,
                                  [](const auto& a) {
                                    return a.second[0] == std::pair{Lane::device, 5};
                                  }),
            1);
  EXPECT_EQ(std::ranges::count_if(announced,
                                  [](const auto& a) {
                                    return a.second[0] == std::pair{Lane::blocking, 1};
                                  }),
            4);
}

TEST(Threads, TwoEnginesRunSideBySide) {
  const auto run = [](int threads) {
    GraphBuilder b;
    const int source = b.numbers(3000);
    const int a = b.lambda("a", {b.from(source)}, 1, [](Lambda& n, Item& i) { i.set(n.out[0], i[n.in[0]] + 1); });
    std::atomic<std::uint64_t> sum{0};
    b.lambda("sink", {b.from(a)}, 0, [&](Lambda& n, Item& i) { sum += static_cast<std::uint64_t>(i[n.in[0]]); });
    const RunResult r = Engine(std::move(b.graph), with_threads(threads)).run();
    for (const NodeStats& n : r.stats.nodes) EXPECT_EQ(n.calls, 3000u) << n.name;
    return sum.load();
  };
  std::vector<std::future<std::uint64_t>> all;
  for (int i = 0; i < 4; ++i) all.push_back(std::async(std::launch::async, run, 1 + i % 2));
  for (auto& f : all) EXPECT_EQ(f.get(), 3000u * 3001 / 2);
}

TEST(Threads, TheAvailableOnesAreAtLeastOneAndNoMoreThanTheMachineHas) {
  EXPECT_GE(available_threads(), 1);
  EXPECT_LE(available_threads(), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST(Stats, CountCallsItemsErrorsAndWhatPassed) {
  GraphBuilder b;
  const int source = b.numbers(100);
  const int a = b.lambda("a", {b.from(source)}, 1, [](Lambda& n, Item& i) {
    if (i.key().index < 10) throw Error("early");
    i.set(n.out[0], 1.0);
  });
  b.lambda("b", {b.from(a)}, 1, [](Lambda&, Item&) {}, {.stateful = true});
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  EXPECT_EQ(r.stats.nodes[1].calls, 100u);
  EXPECT_EQ(r.stats.nodes[1].errors, 10u);
  EXPECT_EQ(r.stats.nodes[2].calls, 90u);
  EXPECT_EQ(r.stats.nodes[2].passed, 10u);
  EXPECT_EQ(r.stats.nodes[2].queued, 0u);
}

TEST(Stats, TimesOfLongCallsAreMeasuredAndTheirQuantilesLieBetweenThem) {
  GraphBuilder b;
  const int source = b.numbers(40);
  b.lambda("a", {b.from(source)}, 0, [](Lambda&, Item& i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(i.key().index < 36 ? 1 : 8));
  });
  const RunResult r = Engine(std::move(b.graph), with_threads(2)).run();
  const NodeStats& a = r.stats.nodes[1];
  EXPECT_GE(a.total_seconds, 0.068);
  EXPECT_GE(a.quantile(0.95), 0.002);
  EXPECT_LE(a.quantile(0.5), a.quantile(0.95));
  EXPECT_LE(a.quantile(1), a.max_seconds);
}

class Recorder final : public Tracer {
 public:
  void slice(const std::string& track, const NodeSpec& node, std::chrono::steady_clock::time_point start,
             std::chrono::steady_clock::time_point end, const ItemKey& key, std::size_t) override {
    std::lock_guard lock(mutex);
    EXPECT_LE(start, end);
    EXPECT_FALSE(track.empty());
    ++calls[node.name + key.text()];
    tracks[node.name].insert(track.substr(0, track.find(' ')));
  }
  std::mutex mutex;
  std::map<std::string, int> calls;
  std::map<std::string, std::set<std::string>> tracks;
};

TEST(Tracing, SeesEachCallOnce) {
  GraphBuilder b;
  const int source = b.numbers(200);
  b.lambda("a", {b.from(source)}, 0, [](Lambda&, Item&) {});
  Recorder recorder;
  RunOptions options = with_threads(3);
  options.tracer = &recorder;
  Engine(std::move(b.graph), options).run();
  EXPECT_EQ(recorder.calls.size(), 400u);
  for (const auto& [call, count] : recorder.calls) EXPECT_EQ(count, 1) << call;
}

TEST(Threads, EachNodeRunsOnItsLaneWhateverComesBeforeIt) {
  GraphBuilder b;
  int last = b.numbers(200);
  const auto body = [](Lambda& n, Item& i) { i.set(n.out[0], 1.0); };
  last = b.lambda("cpu 1", {b.from(last)}, 1, body);
  last = b.lambda("blocking", {b.from(last)}, 1, body, {.lane = Lane::blocking});
  last = b.lambda("cpu 2", {b.from(last)}, 1, body);
  last = b.lambda("device", {b.from(last)}, 1, body, {.lane = Lane::device});
  last = b.lambda("cpu 3", {b.from(last)}, 1, body);
  drain(b, last);
  Recorder recorder;
  RunOptions options = with_threads(2);
  options.tracer = &recorder;
  EXPECT_EQ(Engine(std::move(b.graph), options).run().exit_code(), 0);
  const std::set<std::string> worker = {"worker"}, blocking = {"blocking"}, device = {"device"};
  for (const char* name : {"cpu 1", "cpu 2", "cpu 3"}) EXPECT_EQ(recorder.tracks[name], worker) << name;
  EXPECT_EQ(recorder.tracks["blocking"], blocking);
  EXPECT_EQ(recorder.tracks["device"], device);
}

}  // namespace
}  // namespace dfpipe::engine::testing
