#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "engine/layout.hpp"

namespace dfpipe::engine {

/// How an item that is ready reaches a node's call.
class NodeQueue {
 public:
  virtual ~NodeQueue() = default;
  virtual void put(NodeRt& node, ItemState& item) = 0;
};

/// The right to have one root item alive. A source that had to wait goes on when `resume_at` credits are free again:
/// waking it for every single one would cost more than a short graph.
class Credits {
 public:
  Credits(int count, int resume_at) : free_(count), count_(count), resume_at_(resume_at) {}
  /// Waits for a credit; false when `stop` came first.
  bool acquire(std::stop_token stop);
  void release();
  int in_use() const;
  int count() const noexcept { return count_; }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any freed_;
  int free_;
  bool waiting_ = false;
  const int count_, resume_at_;
};

/// Serves the items of an ordered node in the order of their ordinals, one at a time.
class OrderedGate {
 public:
  /// Hands over an item. Returns the item whose turn it is now, or null; the caller must then serve it and call
  /// `leave`.
  ItemState* arrive(ItemState& item);
  ItemState* leave();
  std::size_t waiting() const;
  std::uint64_t next() const;

 private:
  ItemState* take();
  mutable std::mutex mutex_;
  std::map<std::uint64_t, ItemState*> waiting_;
  std::uint64_t next_ = 0;
  bool busy_ = false;
};

/// Under --deterministic: cuts a batched node's items into batches in key order, at `max` items and at every boundary,
/// so that a batch's composition never depends on timing. Every item of the scope must arrive, or be reported as
/// passed.
class BatchCutter {
 public:
  using Batch = std::vector<ItemState*>;
  explicit BatchCutter(std::size_t max) : max_(max) {}

  /// `key` tells which items may share a batch.
  std::vector<Batch> arrive(ItemState& item, std::string key);
  std::vector<Batch> pass(std::uint64_t ordinal);
  /// No batch holds items on both sides of `ordinal`.
  std::vector<Batch> boundary(std::uint64_t ordinal);
  /// Items that have arrived and are in no batch that was handed out.
  std::size_t waiting() const;
  /// The ordinal that must come next.
  std::uint64_t next() const;

 private:
  struct Arrival {
    ItemState* item;  ///< null: passed
    std::string key;
  };
  std::vector<Batch> advance();
  mutable std::mutex mutex_;
  const std::size_t max_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Arrival> arrived_;
  std::set<std::uint64_t> boundaries_;
  std::map<std::string, Batch> open_;
};

/// A small pool for calls that wait. First in, first out, but a node at its limit does not hold up the others.
class BlockingLane final : public NodeQueue {
 public:
  using Call = std::function<void(NodeRt&, ItemState&)>;
  BlockingLane(int threads, std::function<void(int)> on_start, Call call);
  ~BlockingLane() override { end(); }
  void put(NodeRt& node, ItemState& item) override;
  /// Joins the threads; what is put from now on stays where it is.
  void end();

 private:
  struct Waiting {
    NodeRt* node;
    ItemState* item;
  };
  void work(std::stop_token stop, int number);
  std::optional<Waiting> take();
  std::function<void(int)> on_start_;
  Call call_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<Waiting> waiting_;
  std::map<NodeRt*, int> running_;
  std::vector<std::jthread> threads_;
};

/// One model call at a time, on a thread of its own. When it is free it serves the ready node that holds the oldest
/// root (ties go downstream) with as many of the waiting items as may share a call.
class DeviceLane final : public NodeQueue {
 public:
  using Call = std::function<void(NodeRt&, const std::vector<ItemState*>&)>;
  DeviceLane(std::function<void()> on_start, Call call);
  ~DeviceLane() override { end(); }
  void put(NodeRt& node, ItemState& item) override;
  /// A batch that is already cut.
  void put_batch(NodeRt& node, std::vector<ItemState*> batch);
  /// Joins the thread; what is put from now on stays where it is.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    ItemState* item;
    Clock::time_point since;
  };
  using ByRoot = std::multimap<std::uint64_t, Waiting>;
  struct PerNode {
    NodeRt* node = nullptr;
    std::map<std::string, ByRoot> groups;  ///< by batch key: those that may share a call
    std::multimap<std::uint64_t, std::vector<ItemState*>> batches;
  };
  struct Job {
    NodeRt* node = nullptr;
    std::vector<ItemState*> items;
  };
  void work(std::stop_token stop);
  /// The next job, or the time at which a held-back one becomes due.
  Job choose(std::optional<Clock::time_point>& due);
  static Clock::time_point due_time(const NodeRt& node, const ByRoot& group);
  std::function<void()> on_start_;
  Call call_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::map<int, PerNode> nodes_;  ///< by node number: topological order
  std::jthread thread_;
};

/// Runs functions later, on a thread of its own that is made at the first use.
class Timer {
 public:
  explicit Timer(std::function<void()> on_start) : on_start_(std::move(on_start)) {}
  ~Timer() { end(); }
  void after(std::chrono::milliseconds delay, std::function<void()> f);
  /// Everything is due now, whatever comes later too.
  void hurry();
  /// Ends the thread; nothing is run any more.
  void end();
  std::size_t waiting() const;

 private:
  using Clock = std::chrono::steady_clock;
  void work(std::stop_token stop);
  std::function<void()> on_start_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Clock::time_point, std::function<void()>> due_;
  bool hurried_ = false, ended_ = false;
  std::jthread thread_;
};

}  // namespace dfpipe::engine
