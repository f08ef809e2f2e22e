#include <algorithm>

#include "engine/guard.hpp"
#include "engine/handover.hpp"
#include "engine/scheduler.hpp"

/// How one item moves: nodes are visited, called, completed; scopes are opened and gathered; items die.
namespace dfpipe::engine {
namespace {

ReasonPtr error_of(const NodeRt& node, std::string message) {
  return std::make_shared<const Reason>(Reason{Reason::Kind::error, node.spec->name, "error", std::move(message)});
}

}  // namespace

/// Starts a new item: `done`, if given, is the node that has made it.
void Scheduler::start(ItemState& item, NodeRt* done) {
  item.nodes_left.fetch_add(1, std::memory_order_relaxed);  // the item must outlive this function
  for (NodeRt* node : item.scope->first) visit(*node, item, nullptr);
  if (done) complete(*done, item, nullptr);
  nodes_done(item, 1, nullptr);
}

void Scheduler::visit(NodeRt& node, ItemState& item, Next* next) {
  if (node.is_foreach()) {
    open_foreach(node, item, next);
  } else if (node.gate) {
    serve_gate(node, node.gate->arrive(item), next);
  } else if (ReasonPtr why = pass_reason(node, item)) {
    if (node.cutter) dispatch(node, node.cutter->pass(item.ordinal));
    pass(node, item, why, next);
  } else if (node.cutter) {
    dispatch(node, node.cutter->arrive(item, batch_key(node, item)));
  } else {
    submit(node, item, next);
  }
}

void Scheduler::submit(NodeRt& node, ItemState& item, Next* next) {
  if (node.bypass && next && !next->node) {
    *next = {&node, &item, 0};
    return;
  }
  self().counters[static_cast<std::size_t>(node.id)].submitted.add();
  node.queue->put(node, item);
}

void Scheduler::dispatch(NodeRt& node, std::vector<BatchCutter::Batch> batches) {
  for (BatchCutter::Batch& batch : batches) {
    self().counters[static_cast<std::size_t>(node.id)].submitted.add(batch.size());
    device_->put_batch(node, std::move(batch));
  }
}

/// Serves the item whose turn has come; those that only pass are done here, in turn.
void Scheduler::serve_gate(NodeRt& node, ItemState* item, Next* next) {
  while (item) {
    const ReasonPtr why = skipped_by_resume(node, *item) ? resumed_reason_ : pass_reason(node, *item);
    if (!why) {
      submit(node, *item, next);
      return;
    }
    ItemState* following = node.gate->leave();
    pass(node, *item, why, next);
    item = following;
  }
}

ReasonPtr Scheduler::pass_reason(NodeRt& node, ItemState& item) const {
  if (!node.spec->enabled || node.unread) return off_reasons_[static_cast<std::size_t>(node.id)];
  if (aborted_.load(std::memory_order_relaxed)) {
    item.root->was_stopped.store(true, std::memory_order_relaxed);
    return stopped_reason_;
  }
  if (item.root->cancel && item.cancelled()) {
    item.root->was_stopped.store(true, std::memory_order_relaxed);
    return cancelled_reason_;
  }
  for (std::size_t port = 0; port < node.inputs.size(); ++port) {
    if (!node.required[port]) continue;
    const Cell& cell = input_cell(node, item, static_cast<int>(port));
    if (!cell.has()) return cell.why();
  }
  return nullptr;
}

void Scheduler::pass(NodeRt& node, ItemState& item, const ReasonPtr& why, Next* next) {
  Worker& worker = self();
  worker.counters[static_cast<std::size_t>(node.id)].passed.add();
  worker.progress.add();
  forget_attempts(node, item);
  for (int port = 0; port < node.outputs; ++port) put_cell(node, item, port, Cell(why));
  complete(node, item, next);
}

void Scheduler::put_cell(NodeRt& node, ItemState& item, int output, Cell cell) {
  if (node.wanted[static_cast<std::size_t>(output)])
    item.cells[static_cast<std::size_t>(node.first_output + output)] = std::move(cell);
}

/// Takes an item out of a node's queue, and goes on with it from node to node as long as no queue lies between.
void Scheduler::run_chain(NodeRt& node, ItemState& item) {
  Worker& worker = self();
  worker.counters[static_cast<std::size_t>(node.id)].taken.add();
  Next next{&node, &item, 0};
  while (next.node) {
    const Next now = std::exchange(next, {});
    run_one(worker, *now.node, *now.item, &next, now.done);
  }
}

void Scheduler::run_one(Worker& worker, NodeRt& node, ItemState& item, Next* next, int done) {
  ItemState* const items[] = {&item};
  if (aborted_.load(std::memory_order_relaxed) || item.root->cancel) {
    if (const ReasonPtr why = pass_reason(node, item)) {  // stopped or cancelled while it waited
      ItemState* following = node.gate ? node.gate->leave() : nullptr;
      if (done > 0) nodes_done(item, done, nullptr);
      pass(node, item, why, next);
      if (node.gate) serve_gate(node, following, next);
      return;
    }
  }
  const CallResult result = call_node(node, items, context_, worker);
  if (!conclude(node, item, result)) {
    if (done > 0) nodes_done(item, done, nullptr);
    return;
  }
  ItemState* following = node.gate ? node.gate->leave() : nullptr;
  complete(node, item, next, done);
  if (node.gate) serve_gate(node, following, next);
}

void Scheduler::run_batch(NodeRt& node, const std::vector<ItemState*>& all) {
  Worker& worker = self();
  worker.counters[static_cast<std::size_t>(node.id)].taken.add(all.size());
  if (node.gate) {  // it hands over one item at a time, and must be told when its turn is over
    run_one(worker, node, *all.front(), nullptr, 0);
    return;
  }
  std::vector<ItemState*> items;
  items.reserve(all.size());
  for (ItemState* item : all) {
    const ReasonPtr why = pass_reason(node, *item);  // stopped or cancelled while it waited
    if (why)
      pass(node, *item, why, nullptr);
    else
      items.push_back(item);
  }
  if (items.empty()) return;
  {
    std::lock_guard lock(node.batch_mutex);
    ++node.batch_sizes[static_cast<std::int64_t>(items.size())];
  }
  CallResult result = call_node(node, items, context_, worker);
  if (result.error && !result.fatal && items.size() > 1) {
    // Only the items that fail alone are marked.
    for (ItemState* item : items) {
      ItemState* const one[] = {item};
      CallResult alone = call_node(node, one, context_, worker);
      if (conclude(node, *item, alone)) complete(node, *item, nullptr);
    }
    return;
  }
  for (ItemState* item : items)
    if (conclude(node, *item, result)) complete(node, *item, nullptr);
}

bool Scheduler::conclude(NodeRt& node, ItemState& item, const CallResult& result) {
  const OnError& rule = node.spec->on_error;
  if (!result.error) {
    forget_attempts(node, item);
    return true;
  }
  if (rule.action == OnError::Action::retry && !result.fatal && !aborted_) {
    int attempt = 0;
    {
      std::lock_guard lock(notes_mutex_);
      attempt = attempts_[{&item, node.id}]++;
    }
    if (attempt < rule.retries) {
      timer_->after(rule.backoff * (1 << std::min(attempt, 16)), [this, &node, &item] {
        give_up(sentence_of("the engine", [&] {
          if (const ReasonPtr why = pass_reason(node, item))
            pass(node, item, why, nullptr);
          else if (node.cutter)
            dispatch(node, {{&item}});
          else
            submit(node, item, nullptr);
        }));
      });
      return false;
    }
  }
  forget_attempts(node, item);
  self().counters[static_cast<std::size_t>(node.id)].errors.add();
  item.root->had_error.store(true, std::memory_order_relaxed);
  if (result.fatal || rule.action == OnError::Action::fail)
    fail(result.fatal ? result.error->text() : sentence(item, *result.error));
  else
    note_error(item, *result.error);
  for (int port = 0; port < node.outputs; ++port) put_cell(node, item, port, Cell(result.error));
  return true;
}

/// The next item may stand at the same address.
void Scheduler::forget_attempts(const NodeRt& node, const ItemState& item) {
  if (node.spec->on_error.action != OnError::Action::retry) return;
  std::lock_guard lock(notes_mutex_);
  attempts_.erase({&item, node.id});
}

void Scheduler::complete(NodeRt& node, ItemState& item, Next* next, int done) {
  release_inputs(node, item);
  for (NodeRt* successor : node.successors) {
    auto& missing = item.missing[static_cast<std::size_t>(successor->local)];
    const bool only_one = item.scope->initial_missing[static_cast<std::size_t>(successor->local)] == 1;
    if (only_one || missing.fetch_sub(1, std::memory_order_acq_rel) == 1) visit(*successor, item, next);
  }
  nodes_done(item, done + 1, next);
}

void Scheduler::release_inputs(NodeRt& node, ItemState& item) {
  for (const int slot : node.own_slots) {
    const auto s = static_cast<std::size_t>(slot);
    const bool only_one = item.scope->initial_readers[s] == 1;
    if (only_one || item.readers[s].fetch_sub(1, std::memory_order_acq_rel) == 1) item.cells[s].clear();
  }
}

void Scheduler::nodes_done(ItemState& item, int count, Next* next) {
  if (next && next->item == &item)
    next->done += count;  // this thread goes on with the item, so it can count them later at no cost
  else if (item.nodes_left.fetch_sub(count, std::memory_order_acq_rel) == count)
    die(item, next);
}

void Scheduler::die(ItemState& item, Next* next) {
  ScopeRt& scope = *item.scope;
  if (ForeachRun* run = item.gathered_by) {
    for (std::size_t g = 0; g < run->node->gathers.size(); ++g)
      if (run->node->wanted[g])
        run->gathered[g][item.position] = item.cells[static_cast<std::size_t>(run->node->gathers[g].slot)];
    ChildSlots& slots = *run->node->slots;
    scope.recycle(&item);
    const bool last = run->left.fetch_sub(1, std::memory_order_acq_rel) == 1;
    slots.release();
    if (last) finish_foreach(*run, next);
    return;
  }
  if (item.had_error)
    ++failed_;
  else if (item.was_stopped)
    ++stopped_;
  else
    ++ok_;
  scope.recycle(&item);
  self().progress.add();
  --live_;
  credits_.release();
  maybe_finish();
}

void Scheduler::maybe_finish() {
  handed_over(this);
  if (source_done_ && live_ == 0 && !finished_.exchange(true)) flow_->release_wait();
}

void Scheduler::open_foreach(NodeRt& node, ItemState& item, Next* next) {
  ReasonPtr why = pass_reason(node, item);
  std::vector<const AnyCells*> lists;
  for (std::size_t i = 0; i < node.inputs.size() && !why; ++i) {
    lists.push_back(&list_cells(input_cell(node, item, static_cast<int>(i)).value()));
    if (lists.back()->size() != lists.front()->size()) {
      why = error_of(node, "lists of different length: " + std::to_string(lists.front()->size()) + " and " +
                               std::to_string(lists.back()->size()));
      item.root->had_error = true;
      note_error(item, *why);
    }
  }
  if (why || lists.front()->empty()) {
    node.slots->skip(item.ordinal);
    if (why) {
      pass(node, item, why, next);
      return;
    }
    for (int port = 0; port < node.outputs; ++port)
      put_cell(node, item, port, Cell(make_list(node.spec->gather_types[static_cast<std::size_t>(port)], {})));
    complete(node, item, next);
    return;
  }
  auto run = std::make_unique<ForeachRun>();
  run->node = &node;
  run->parent = &item;
  run->lists = std::move(lists);
  run->size = run->lists.front()->size();
  run->left = run->size;
  run->gathered.assign(node.gathers.size(), AnyCells(run->size));
  node.slots->open(std::move(run));
}

void Scheduler::launch_child(ForeachRun& run, std::size_t position, std::uint64_t ordinal) {
  ItemState* const child = run.node->child->make_item();
  child->parent = run.parent;
  child->root = run.parent->root;
  child->index = run.parent->index;
  child->gathered_by = &run;
  child->position = static_cast<std::uint32_t>(position);
  child->ordinal = ordinal;
  for (std::size_t e = 0; e < run.lists.size(); ++e)
    if (child->readers[e].load(std::memory_order_relaxed) > 0) child->cells[e] = (*run.lists[e])[position];
  ++children_;
  start(*child, nullptr);
}

void Scheduler::finish_foreach(ForeachRun& ended, Next* next) {
  const std::unique_ptr<ForeachRun> run = ended.node->slots->close(ended);
  for (int port = 0; port < run->node->outputs; ++port) {
    const auto p = static_cast<std::size_t>(port);
    put_cell(*run->node, *run->parent, port,
             Cell(make_list(run->node->spec->gather_types[p], std::move(run->gathered[p]))));
  }
  complete(*run->node, *run->parent, next);
}

/// Tells everything that cuts by key order that no batch may span `ordinal` of this scope.
void Scheduler::boundary(ScopeRt& scope, std::uint64_t ordinal) {
  for (NodeRt* node : scope.nodes) {
    if (node->cutter) dispatch(*node, node->cutter->boundary(ordinal));
    if (node->slots) node->slots->parent_boundary(ordinal);
  }
}

}  // namespace dfpipe::engine
