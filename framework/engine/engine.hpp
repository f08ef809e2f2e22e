#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/run_view.hpp"
#include "engine/graph.hpp"

namespace dfpipe::engine {

/// Sees every node call; must be fast and thread-safe. Times are steady-clock.
class Tracer {
 public:
  virtual ~Tracer() = default;
  /// `track` is stable for each thread that runs nodes ("worker 0", "device 0", "blocking 1", "source").
  virtual void slice(const std::string& track, const NodeSpec& node, std::chrono::steady_clock::time_point start,
                     std::chrono::steady_clock::time_point end, const ItemKey& key, std::size_t items) = 0;
};

struct RunOptions {
  int threads = 0;         ///< TBB workers; 0: what affinity and the cgroup quota allow
  int device_threads = 0;  ///< inside one model call; 0: as threads
  int blocking_threads = 4;
  bool deterministic = false;
  std::optional<std::uint64_t> limit;
  bool resume = false;
  bool retry_errors = false;
  std::chrono::milliseconds stall_after{30'000};
  Tracer* tracer = nullptr;
};

using dfpipe::NodeStats;
using dfpipe::Snapshot;

struct Stall {
  std::string text;  ///< names the node, its queue and what it waits for
};

struct RunResult {
  Outcome outcome = Outcome::completed;
  Snapshot stats;
  std::string fatal;  ///< the sentence that ended the run, if one did
  bool source_live = false;
  bool stopped_early = false;             ///< a node wished the end: a success
  std::vector<std::string> first_errors;  ///< "item 12 (photos/a.jpg): node 'decode': truncated: …", at most 20
  int threads = 0;
  int device_threads = 0;
  std::map<std::string, Facts> facts;

  /// 0 all done, or a live source that was stopped; 1 run failed, or no item succeeded; 3 done with item errors; 130
  /// interrupted.
  int exit_code() const;
};

/// Threads the process may really use: affinity cut by the cgroup's CPU quota, at least 1.
int available_threads();

/// Runs one graph once.
class Engine {
 public:
  Engine(Graph graph, RunOptions options);
  ~Engine();

  /// Blocks until the last item has died and every node is closed. Opens resources and nodes first: what they throw
  /// comes back as `fatal` with outcome failed.
  RunResult run();

  /// Callable from any thread at any time while the engine lives. `stop` makes no new items and finishes those alive;
  /// `abort` also discards those alive.
  void stop();
  void abort();
  Snapshot snapshot() const;
  /// Called from the watch thread when nothing has moved for `stall_after`.
  void on_stall(std::function<void(const Stall&)> callback);
  /// Facts of resources and nodes, complete once the nodes are open; called once, before the first item.
  void on_open(std::function<void(const std::map<std::string, Facts>&)> callback);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dfpipe::engine
