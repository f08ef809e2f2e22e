#pragma once

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/call.hpp"
#include "engine/child_slots.hpp"
#include "engine/layout.hpp"
#include "engine/queues.hpp"
#include "engine/worker.hpp"

namespace dfpipe::engine {

/// Moves items through the graph: counts missing inputs, starts nodes, publishes and drops values, opens and gathers
/// foreach scopes. One object serves one run.
class Scheduler {
 public:
  Scheduler(Graph& graph, Layout& layout, const RunOptions& options);
  ~Scheduler();

  /// The source's loop; called on the source's own thread. Returns when no more items are made.
  void produce(std::stop_token stop);
  /// Waits, inside the arena, until the source has ended and the last item has died, or the run was given up.
  void wait();
  /// No thread of the run is inside a node any more when this returns. Counters and errors can still be read.
  void end();

  void stop();
  /// `wanted`: the end was wished for by a node, so the run counts as a success.
  void abort(bool wanted);
  void fail(const std::string& sentence);
  /// The engine itself failed and an item may never die: ends the run without waiting for it.
  void give_up(const std::string& sentence);

  void fill(Snapshot& snapshot) const;
  std::string stall_text() const;
  /// Grows whenever anything moves.
  std::uint64_t progress() const;
  bool idle_live_source() const;
  std::string fatal() const;
  bool stopped_by_user() const noexcept { return stop_requested_; }
  bool stopped_early() const noexcept { return stopped_early_; }
  std::vector<std::string> first_errors() const;

 private:
  class CpuQueue;
  class ThreadStart;
  class Role;

  /// A node that a TBB worker goes on with at once, instead of sending the item through a queue.
  struct Next {
    NodeRt* node = nullptr;
    ItemState* item = nullptr;
    int done = 0;  ///< nodes of `item` that are done but not yet counted
  };

  void make_items(std::stop_token stop);
  bool skip_one(Source& source);
  void call_hooks(Lane lane, int threads);
  void visit(NodeRt& node, ItemState& item, Next* next);
  void submit(NodeRt& node, ItemState& item, Next* next);
  void serve_gate(NodeRt& node, ItemState* item, Next* next);
  void run_chain(NodeRt& node, ItemState& item);
  void run_one(Worker& worker, NodeRt& node, ItemState& item, Next* next, int done);
  void run_batch(NodeRt& node, const std::vector<ItemState*>& items);
  void dispatch(NodeRt& node, std::vector<BatchCutter::Batch> batches);
  /// Deals with a call's error, if it has one; false when the item comes back later for a retry.
  bool conclude(NodeRt& node, ItemState& item, const CallResult& result);
  void forget_attempts(const NodeRt& node, const ItemState& item);
  ReasonPtr pass_reason(NodeRt& node, ItemState& item) const;
  bool skipped_by_resume(const NodeRt& node, const ItemState& item) const;
  void pass(NodeRt& node, ItemState& item, const ReasonPtr& why, Next* next);
  void put_cell(NodeRt& node, ItemState& item, int output, Cell cell);
  void complete(NodeRt& node, ItemState& item, Next* next, int done = 0);
  void release_inputs(NodeRt& node, ItemState& item);
  void start(ItemState& item, NodeRt* done);
  void nodes_done(ItemState& item, int count, Next* next);
  void die(ItemState& item, Next* next);
  void open_foreach(NodeRt& node, ItemState& item, Next* next);
  void launch_child(ForeachRun& run, std::size_t position, std::uint64_t ordinal);
  void finish_foreach(ForeachRun& run, Next* next);
  void boundary(ScopeRt& scope, std::uint64_t ordinal);
  void note_error(const ItemState& item, const Reason& why);
  static std::string sentence(const ItemState& item, const Reason& why);
  void maybe_finish();
  Worker& self();
  Worker& add_worker(std::string track);
  bool skip_by_all_sinks(std::uint64_t index) const;

  Graph& graph_;
  Layout& layout_;
  const RunOptions& options_;
  CallContext context_;
  std::atomic<bool> aborted_{false}, stop_requested_{false}, stopped_early_{false};
  ReasonPtr stopped_reason_, cancelled_reason_, resumed_reason_;
  std::vector<ReasonPtr> off_reasons_;
  std::vector<NodeRt*> resumable_sinks_;

  mutable std::mutex workers_mutex_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> slot_workers_;  ///< by arena slot
  Worker* anonymous_ = nullptr;        ///< for threads that are none of ours (a user's stop)

  oneapi::tbb::task_arena arena_;
  std::unique_ptr<ThreadStart> thread_start_;
  std::unique_ptr<oneapi::tbb::flow::graph> flow_;
  std::vector<std::unique_ptr<NodeQueue>> cpu_queues_;
  std::vector<std::unique_ptr<OrderedGate>> gates_;
  std::vector<std::unique_ptr<BatchCutter>> cutters_;
  std::vector<std::unique_ptr<ChildSlots>> slots_;
  Credits credits_;
  std::stop_source stop_source_;     ///< no new items are wanted
  std::stop_source discard_source_;  ///< nor those that a draining source has promised

  std::atomic<bool> source_done_{false}, finished_{false}, in_next_{false};
  bool ended_ = false;
  std::atomic<std::uint64_t> emitted_{0}, ok_{0}, failed_{0}, skipped_{0}, stopped_{0}, live_{0}, peak_live_{0},
      children_{0};

  mutable std::mutex notes_mutex_;
  std::string fatal_;
  std::vector<std::pair<ItemKey, std::string>> first_errors_;
  std::map<std::pair<const ItemState*, int>, int> attempts_;

  // Threads last. They hand items to each other, so `end` joins them all before one of these objects goes.
  std::unique_ptr<BlockingLane> blocking_;
  std::unique_ptr<DeviceLane> device_;
  std::unique_ptr<Timer> timer_;
};

}  // namespace dfpipe::engine
