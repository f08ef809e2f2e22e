#include "engine/scheduler.hpp"

#include <algorithm>

#include "engine/guard.hpp"
#include "engine/handover.hpp"

namespace dfpipe::engine {
namespace {

namespace flow = oneapi::tbb::flow;

/// Which run's worker this thread is at the moment.
struct ThreadRole {
  const void* run = nullptr;
  Worker* worker = nullptr;
  bool own_thread = false;  ///< source, lanes, timer: not a TBB worker
};
thread_local ThreadRole role;

ReasonPtr reason(Reason::Kind kind, std::string node, std::string code, std::string message) {
  return std::make_shared<const Reason>(Reason{kind, std::move(node), std::move(code), std::move(message)});
}

/// External threads enter the arena only to hand over a task, so that they need slots of their own.
int external_threads(const RunOptions& options) { return options.blocking_threads + 4; }

}  // namespace

/// Marks one of the run's own threads for its whole life.
class Scheduler::Role {
 public:
  Role(Scheduler& run, std::string track) { role = {&run, &run.add_worker(std::move(track)), true}; }
};

/// Gives TBB's threads their worker and calls the plugins' thread hooks once per thread and run.
class Scheduler::ThreadStart final : public oneapi::tbb::task_scheduler_observer {
 public:
  explicit ThreadStart(Scheduler& run) : task_scheduler_observer(run.arena_), run_(run) {
    handed_over(this);
    observe(true);
  }
  ~ThreadStart() override {
    observe(false);
    taken_over(this);
  }

  void on_scheduler_entry(bool) override {
    if (role.own_thread) return;
    taken_over(this);
    const auto slot = static_cast<std::size_t>(oneapi::tbb::this_task_arena::current_thread_index());
    role = {&run_, run_.slot_workers_.at(slot), false};
    thread_local std::uint64_t hooked = 0;
    if (std::exchange(hooked, run_number_) != run_number_) run_.call_hooks(Lane::cpu, 1);
    handed_over(this);
  }
  void on_scheduler_exit(bool) override {
    if (role.own_thread) return;
    role = {};
    handed_over(this);
  }

 private:
  static inline std::atomic<std::uint64_t> runs{0};
  Scheduler& run_;
  const std::uint64_t run_number_ = ++runs;  // an address may serve several runs
};

/// A flow-graph node. Its messages are items; its edges are the counters inside the items.
class Scheduler::CpuQueue final : public NodeQueue {
 public:
  CpuQueue(Scheduler& run, NodeRt& node, int limit)
      : flow_node_(*run.flow_, limit > 0 ? static_cast<std::size_t>(limit) : std::size_t{flow::unlimited},
                   [&run, &node](ItemState* item) {
                     taken_over(item);
                     run.give_up(sentence_of("the engine", [&] { run.run_chain(node, *item); }));
                     return flow::continue_msg();
                   }) {}
  void put(NodeRt&, ItemState& item) override {
    handed_over(&item);
    flow_node_.try_put(&item);
  }

 private:
  flow::function_node<ItemState*, flow::continue_msg> flow_node_;
};

Scheduler::Scheduler(Graph& graph, Layout& layout, const RunOptions& options)
    : graph_(graph),
      layout_(layout),
      options_(options),
      context_{graph.seed, &aborted_, options.tracer},
      stopped_reason_(reason(Reason::Kind::stopped, "", "stopped", "the run was stopped")),
      cancelled_reason_(reason(Reason::Kind::cancelled, "", "cancelled", "nobody waits for the item")),
      resumed_reason_(reason(Reason::Kind::absent, "", "resumed", "an earlier run has done it")),
      arena_(options.threads + external_threads(options), static_cast<unsigned>(1 + external_threads(options))),
      // In key order items may wait for the rest of their window, and a request must not wait for others to end: there
      // each freed credit counts at once.
      credits_(graph.credits, options.deterministic || static_cast<const Source&>(*layout.source->spec->node).live()
                                  ? 1
                                  : std::max(1, graph.credits / 4)) {
  // Reserved slots come first; of the threads that take one only the waiting main thread runs nodes.
  const int reserved = 1 + external_threads(options);
  for (int slot = 0; slot < options.threads + external_threads(options); ++slot)
    slot_workers_.push_back(&add_worker("worker " + std::to_string(std::max(0, slot - reserved + 1))));
  anonymous_ = &add_worker("other");
  timer_ = std::make_unique<Timer>([this] { Role mark(*this, "timer"); });
  arena_.initialize();
  arena_.execute([this] { flow_ = std::make_unique<flow::graph>(); });
  thread_start_ = std::make_unique<ThreadStart>(*this);

  blocking_ = std::make_unique<BlockingLane>(
      options.blocking_threads,
      [this](int number) {
        Role mark(*this, "blocking " + std::to_string(number));
        call_hooks(Lane::blocking, 1);
      },
      [this](NodeRt& node, ItemState& item) {
        Worker& worker = self();
        worker.counters[static_cast<std::size_t>(node.id)].taken.add();
        // What follows the node belongs on its own lane.
        give_up(sentence_of("the engine", [&] { run_one(worker, node, item, nullptr, 0); }));
      });
  device_ = std::make_unique<DeviceLane>(
      [this] {
        Role mark(*this, "device 0");
        call_hooks(Lane::device, options_.device_threads);
      },
      [this](NodeRt& node, const std::vector<ItemState*>& items) {
        give_up(sentence_of("the engine", [&] { run_batch(node, items); }));
      });

  for (auto& node : layout.nodes) {
    off_reasons_.push_back(reason(Reason::Kind::disabled, node->spec->name, node->unread ? "unread" : "disabled",
                                  node->unread ? "nobody reads what it gives" : "switched off in the pipeline file"));
    if (node->is_source) continue;
    if (node->is_foreach()) {
      slots_.push_back(std::make_unique<ChildSlots>(
          node->spec->max_live, options.deterministic,
          ChildSlots::Hooks{[this](ForeachRun& run, std::size_t position, std::uint64_t ordinal) {
                              launch_child(run, position, ordinal);
                            },
                            [this, scope = node->child](std::uint64_t ordinal) { boundary(*scope, ordinal); }}));
      node->slots = slots_.back().get();
      continue;
    }
    const NodeInfo& info = node->spec->node->info();
    const int limit = info.stateful || info.ordered ? 1 : node->spec->concurrency;
    node->limit = limit;
    switch (info.lane) {
      case Lane::cpu:
        cpu_queues_.push_back(std::make_unique<CpuQueue>(*this, *node, limit));
        node->queue = cpu_queues_.back().get();
        node->bypass = limit == 0;
        break;
      case Lane::blocking:
        node->queue = blocking_.get();
        break;
      case Lane::device:
        node->queue = device_.get();
        if (options.deterministic && node->spec->batch_max > 1 && !info.stateful) {
          cutters_.push_back(std::make_unique<BatchCutter>(static_cast<std::size_t>(node->spec->batch_max)));
          node->cutter = cutters_.back().get();
        }
        break;
    }
    // A state that depends on the order of calls must see the same order in every deterministic run, item by item.
    if (info.ordered || (info.stateful && options.deterministic)) {
      gates_.push_back(std::make_unique<OrderedGate>());
      node->gate = gates_.back().get();
    }
    if (node->resumed) resumable_sinks_.push_back(node.get());
  }
  flow_->reserve_wait();
}

Scheduler::~Scheduler() { end(); }

void Scheduler::end() {
  if (std::exchange(ended_, true)) return;
  timer_->end();
  device_->end();
  blocking_->end();
  if (!finished_.exchange(true)) flow_->release_wait();
  arena_.execute([this] {
    flow_->wait_for_all();
    cpu_queues_.clear();
    flow_.reset();
  });
  thread_start_.reset();
}

Worker& Scheduler::add_worker(std::string track) {
  std::lock_guard lock(workers_mutex_);
  workers_.push_back(std::make_unique<Worker>(std::move(track), layout_.nodes.size()));
  return *workers_.back();
}

Worker& Scheduler::self() { return role.run == this && role.worker ? *role.worker : *anonymous_; }

void Scheduler::wait() {
  arena_.execute([this] { flow_->wait_for_all(); });
  taken_over(this);
}

void Scheduler::call_hooks(Lane lane, int threads) {
  for (const auto& hook : graph_.thread_hooks)
    if (const std::string wrong = sentence_of("a plugin's preparation of a thread", [&] { hook(lane, threads); });
        !wrong.empty())
      fail(wrong);
}

void Scheduler::produce(std::stop_token stop) {
  Role mark(*this, "source");
  give_up(sentence_of("the engine", [&] { make_items(std::move(stop)); }));
  source_done_ = true;
  maybe_finish();
}

/// False at the end of the source.
bool Scheduler::skip_one(Source& source) {
  bool more = false;
  if (const std::string wrong = sentence_of("node '" + layout_.source->spec->name + "'", [&] { more = source.skip(); });
      !wrong.empty())
    fail(wrong);
  if (!more) return false;
  ++skipped_;
  self().progress.add();
  return true;
}

void Scheduler::make_items(std::stop_token outer) {
  std::stop_callback forward(outer, [this] {
    stop_source_.request_stop();
    discard_source_.request_stop();
  });
  const std::stop_token stop = stop_source_.get_token();
  auto& source = static_cast<Source&>(*layout_.source->spec->node);
  ScopeRt& root = *layout_.scopes[0];
  std::uint64_t index = 0;
  const auto window = static_cast<std::uint64_t>(std::max(1, graph_.window));
  const std::stop_callback discard(discard_source_.get_token(), [&source] {
    if (source.drains()) source.discard();
  });
  const std::stop_token end = source.drains() ? discard_source_.get_token() : stop;
  while (!end.stop_requested() && !(options_.limit && emitted_ >= *options_.limit)) {
    if (skip_by_all_sinks(index)) {
      if (!skip_one(source)) break;
      ++index;
      continue;
    }
    if (!credits_.acquire(end)) break;
    ItemState* const item = root.make_item();
    item->index = index;
    item->ordinal = emitted_;
    in_next_ = true;
    const NextResult made = next_item(*layout_.source, *item, stop, context_, self());
    in_next_ = false;
    if (!made.made) {
      root.recycle(item);
      credits_.release();
      break;
    }
    const std::uint64_t live = ++live_;
    if (live > peak_live_) peak_live_ = live;
    ++emitted_;
    if (made.error) {
      item->had_error = true;
      if (made.fatal || layout_.source->spec->on_error.action == OnError::Action::fail)
        fail(made.fatal ? made.error->text() : sentence(*item, *made.error));
      else
        note_error(*item, *made.error);
    }
    start(*item, layout_.source);
    ++index;
    if (options_.deterministic && index % window == 0) boundary(root, emitted_);
  }
  if (options_.deterministic) boundary(root, emitted_);
}

bool Scheduler::skip_by_all_sinks(std::uint64_t index) const {
  if (resumable_sinks_.empty()) return false;
  // Under --deterministic whole windows are made again, so that batches are cut as in an unbroken run.
  const bool whole_windows = options_.deterministic && std::ranges::none_of(resumable_sinks_, &NodeRt::resume_exact);
  const auto window = whole_windows ? static_cast<std::uint64_t>(std::max(1, graph_.window)) : 1;
  const std::uint64_t first = index / window * window, behind = first + window;
  return std::ranges::all_of(resumable_sinks_, [&](const NodeRt* sink) {
    const auto missing = std::ranges::lower_bound(sink->resume_missing, first);
    return behind <= sink->resume_from && (missing == sink->resume_missing.end() || *missing >= behind);
  });
}

bool Scheduler::skipped_by_resume(const NodeRt& node, const ItemState& item) const {
  return item.index < node.resume_from && !std::ranges::binary_search(node.resume_missing, item.index);
}

}  // namespace dfpipe::engine
