#include <algorithm>
#include <tuple>

#include "engine/scheduler.hpp"

/// What the outside does to a running scheduler, and what it may know of it.
namespace dfpipe::engine {

void Scheduler::stop() {
  stop_requested_ = true;
  stop_source_.request_stop();
}

void Scheduler::abort(bool wanted) {
  if (wanted)
    stopped_early_ = true;
  else
    stop_requested_ = true;
  aborted_ = true;
  stop_source_.request_stop();
  discard_source_.request_stop();
  timer_->hurry();
}

void Scheduler::fail(const std::string& sentence) {
  {
    std::lock_guard lock(notes_mutex_);
    if (fatal_.empty()) fatal_ = sentence;
  }
  aborted_ = true;
  stop_source_.request_stop();
  discard_source_.request_stop();
  timer_->hurry();
}

void Scheduler::give_up(const std::string& sentence) {
  if (sentence.empty()) return;
  fail(sentence);
  if (!finished_.exchange(true)) flow_->release_wait();
}

namespace {

/// The root's name, then the names of the list elements that the item stands for: "epoch 1 batch 3, photos/a.jpg".
std::string called(const ItemState& item) {
  std::string elements;
  for (const ItemState* child = &item; child->parent != nullptr; child = child->parent)
    for (const AnyCells* list : child->gathered_by->lists)
      if (const Value& element = (*list)[child->position].value(); element && element.type().name_of != nullptr)
        elements = ", " + element.type().name_of(element.data()) + elements;
  const std::string& root = item.root->attributes.name;
  return root.empty() && !elements.empty() ? elements.substr(2) : root + elements;
}

}  // namespace

/// "item 12.0 (photos/a.jpg): node 'decode': truncated: …"
std::string Scheduler::sentence(const ItemState& item, const Reason& why) {
  const std::string name = called(item);
  return "item " + item.key().text() + (name.empty() ? "" : " (" + name + ")") + ": " + why.text();
}

void Scheduler::note_error(const ItemState& item, const Reason& why) {
  const std::string text = sentence(item, why);
  log(LogLevel::debug, text);
  std::lock_guard lock(notes_mutex_);
  if (first_errors_.size() < 20) first_errors_.emplace_back(item.key(), text);
}

std::string Scheduler::fatal() const {
  std::lock_guard lock(notes_mutex_);
  return fatal_;
}

std::vector<std::string> Scheduler::first_errors() const {
  std::vector<std::pair<ItemKey, std::string>> notes;
  {
    std::lock_guard lock(notes_mutex_);
    notes = first_errors_;
  }
  std::ranges::stable_sort(notes, {}, [](const auto& note) { return std::tie(note.first.index, note.first.child); });
  std::vector<std::string> sentences;
  for (auto& [key, text] : notes) sentences.push_back(std::move(text));
  return sentences;
}

std::uint64_t Scheduler::progress() const {
  std::lock_guard lock(workers_mutex_);
  std::uint64_t sum = emitted_ + skipped_;
  for (const auto& worker : workers_) sum += worker->progress.get();
  return sum;
}

bool Scheduler::idle_live_source() const {
  return live_ == 0 && in_next_ && static_cast<const Source&>(*layout_.source->spec->node).live();
}

void Scheduler::fill(Snapshot& snapshot) const {
  snapshot.emitted = emitted_;
  snapshot.ok = ok_;
  snapshot.failed = failed_;
  snapshot.skipped = skipped_;
  snapshot.stopped = stopped_;
  snapshot.live = live_;
  snapshot.peak_live = peak_live_;
  snapshot.children = children_;
  snapshot.nodes.clear();
  std::lock_guard lock(workers_mutex_);
  for (const auto& node : layout_.nodes) {
    NodeStats stats;
    stats.name = node->spec->name;
    stats.type = node->spec->type;
    stats.is_foreach = node->is_foreach();
    stats.is_source = node->is_source;
    stats.is_off = !node->spec->enabled || node->unread;
    if (!stats.is_foreach) stats.lane = node->spec->node->info().lane;
    std::uint64_t submitted = 0, taken = 0;
    for (const auto& worker : workers_) {
      const NodeCounters& c = worker->counters[static_cast<std::size_t>(node->id)];
      submitted += c.submitted.get();
      taken += c.taken.get();
      stats.calls += c.calls.get();
      stats.items += c.items.get();
      stats.errors += c.errors.get();
      stats.passed += c.passed.get();
      stats.total_seconds += static_cast<double>(c.total_ns.get()) * 1e-9;
      stats.max_seconds = std::max(stats.max_seconds, static_cast<double>(c.max_ns.get()) * 1e-9);
      for (std::size_t b = 0; b < stats.histogram.size(); ++b) stats.histogram[b] += c.histogram[b].get();
      if (worker->current_node.load(std::memory_order_relaxed) == node->id) ++stats.running;
    }
    stats.queued = submitted > taken ? submitted - taken : 0;
    if (node->gate) stats.queued += node->gate->waiting();
    if (node->cutter) stats.queued += node->cutter->waiting();
    if (node->slots) stats.queued += node->slots->waiting();
    {
      std::lock_guard batch_lock(node->batch_mutex);
      stats.batch_sizes = node->batch_sizes;
    }
    snapshot.nodes.push_back(std::move(stats));
  }
}

std::string Scheduler::stall_text() const {
  Snapshot s;
  fill(s);
  std::string text;
  const auto say = [&text](const std::string& sentence) { text += (text.empty() ? "" : "; ") + sentence; };
  {
    std::lock_guard lock(workers_mutex_);
    for (const auto& worker : workers_) {
      const int id = worker->current_node.load(std::memory_order_relaxed);
      if (id < 0) continue;
      const NodeRt& node = *layout_.nodes[static_cast<std::size_t>(id)];
      const std::string queue = std::to_string(s.nodes[static_cast<std::size_t>(id)].queued) + " waiting in its queue";
      if (node.is_source)
        say("source '" + node.spec->name + "' is asked for item " +
            std::to_string(worker->current_root.load(std::memory_order_relaxed)) + " and has not answered");
      else
        say("node '" + node.spec->name + "' has not returned from its call for item " +
            std::to_string(worker->current_root.load(std::memory_order_relaxed)) + ", " + queue);
    }
  }
  for (const auto& node : layout_.nodes) {
    if (node->gate && node->gate->waiting() > 0)
      say("node '" + node->spec->name + "' holds " + std::to_string(node->gate->waiting()) +
          " items and waits for number " + std::to_string(node->gate->next()) + " in order");
    else if (node->cutter && node->cutter->waiting() > 0)
      say("node '" + node->spec->name + "' holds " + std::to_string(node->cutter->waiting()) +
          " items for batches that are not full and waits for number " + std::to_string(node->cutter->next()));
    else if (!node->gate && s.nodes[static_cast<std::size_t>(node->id)].queued > 0 &&
             s.nodes[static_cast<std::size_t>(node->id)].running == 0)
      say("node '" + node->spec->name + "' has " + std::to_string(s.nodes[static_cast<std::size_t>(node->id)].queued) +
          " waiting in its queue" + (node->slots ? " for a child slot" : ""));
  }
  if (const std::size_t waiting = timer_->waiting(); waiting > 0)
    say(std::to_string(waiting) + " items wait for another try after an error");
  if (!source_done_ && !in_next_)
    say("source '" + layout_.source->spec->name + "' waits for a credit, " + std::to_string(credits_.in_use()) +
        " of " + std::to_string(credits_.count()) + " in use");
  return text.empty() ? std::to_string(s.live) + " items are alive and no node is running" : text;
}

}  // namespace dfpipe::engine
