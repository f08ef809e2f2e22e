#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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

struct NodeStats {
  std::string name;
  std::string type;
  Lane lane = Lane::cpu;
  bool is_foreach = false;
  bool is_source = false;
  bool is_off = false;       ///< switched off in the file, or nobody reads what it gives
  std::uint64_t calls = 0;   ///< of process; a batch is one call
  std::uint64_t items = 0;   ///< items in those calls
  std::uint64_t errors = 0;  ///< items whose call threw
  std::uint64_t passed = 0;  ///< items that passed without a call: an input was empty, disabled, stopped
  double total_seconds = 0;  ///< in process; estimated from samples for very short calls
  double max_seconds = 0;
  std::array<std::uint64_t, 48> histogram{};  ///< of call times: bucket b holds [2^b, 2^(b+1)) ns, sampled calls
  std::map<std::int64_t, std::uint64_t> batch_sizes;
  std::string status;         ///< what the node tells of itself; empty when the run is over
  std::uint64_t queued = 0;   ///< items waiting now
  std::uint64_t running = 0;  ///< calls now

  /// Quantile of call time in seconds from the histogram (log-linear inside a bucket).
  double quantile(double q) const;
};

struct Snapshot {
  std::chrono::duration<double> elapsed{0};
  std::optional<std::uint64_t> total;  ///< root items the source has, when known
  std::uint64_t emitted = 0;           ///< root items made by the source
  std::uint64_t ok = 0;                ///< died with every sink served and no error
  std::uint64_t failed = 0;            ///< died with an error in some node
  std::uint64_t skipped = 0;           ///< not made again on resume
  std::uint64_t failed_earlier = 0;    ///< of the skipped: those that an earlier run has reported as failed
  std::uint64_t stopped = 0;           ///< discarded by a stop
  std::uint64_t live = 0;
  std::uint64_t children = 0;  ///< child items made so far
  std::uint64_t peak_live = 0;
  std::vector<NodeStats> nodes;  ///< in the graph's order
};

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
