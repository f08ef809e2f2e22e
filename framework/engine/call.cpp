#include "engine/call.hpp"

#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "engine/guard.hpp"

namespace dfpipe::engine {
namespace {

using Clock = std::chrono::steady_clock;

const Cell nothing;

ReasonPtr error_reason(const NodeRt& node, std::string code, std::string message) {
  return std::make_shared<const Reason>(
      Reason{Reason::Kind::error, node.spec->name, std::move(code), std::move(message)});
}

/// The item a node sees. One class for single and joined calls: a single call reads the item's own cells.
class ItemView final : public Item {
 public:
  ItemView(const NodeRt& node, std::span<ItemState* const> items, const CallContext& context)
      : node_(node), items_(items), context_(context) {
    if (items.size() > 1) join();
  }

  const Cell& input(int port) const override {
    return joined_.empty() ? input_cell(node_, *items_[0], port) : joined_[static_cast<std::size_t>(port)];
  }
  void output(int port, Value value) override {
    if (!node_.wanted.at(static_cast<std::size_t>(port))) return;
    if (items_.size() == 1)
      cell(*items_[0], port) = Cell(std::move(value));
    else
      split(port, value);
  }
  bool output_wanted(int port) const override { return node_.wanted.at(static_cast<std::size_t>(port)); }
  ItemKey key() const override { return items_[0]->key(); }
  const Attributes& attributes() const override { return items_[0]->root->attributes; }
  std::size_t count() const override { return items_.size(); }
  Random random() const override { return random_for(context_.seed, attributes(), key(), node_.name_hash); }
  bool cancelled() const override {
    return context_.aborted->load(std::memory_order_relaxed) ||
           std::ranges::all_of(items_, [](const ItemState* i) { return i->cancelled(); });
  }
  void set_attributes(const Attributes& attributes) override { items_[0]->root->attributes = attributes; }
  void set_cancel(std::shared_ptr<const std::atomic<bool>> flag) override { items_[0]->root->cancel = std::move(flag); }

  /// Gives every wanted output that was not set its reason.
  void fill_absent(const ReasonPtr& why_all = nullptr) {
    for (ItemState* item : items_)
      for (int port = 0; port < node_.outputs; ++port) {
        const auto p = static_cast<std::size_t>(port);
        if (!node_.wanted[p] || cell(*item, port).has()) continue;
        // The layout outlives every item, so this pointer owns nothing and is free to copy.
        cell(*item, port) = Cell(why_all ? why_all : ReasonPtr(ReasonPtr(), &node_.absent[p]));
      }
  }

 private:
  Cell& cell(ItemState& item, int port) const {
    return item.cells[static_cast<std::size_t>(node_.first_output + port)];
  }

  void split(int port, const Value& whole) {
    const std::string& name = node_.spec->node->outputs()[static_cast<std::size_t>(port)].name;
    if (!whole.type().batchable())
      throw std::logic_error("output '" + name + "' of type '" + std::string(whole.type().name) +
                             "' has no rows to split");
    if (const auto rows = whole.type().rows(whole.data()); rows != total_rows_)
      throw std::logic_error("output '" + name + "' has " + std::to_string(rows) + " rows for " +
                             std::to_string(total_rows_) + " rows of input");
    std::vector<Value> parts = whole.type().split(whole, rows_);
    for (std::size_t i = 0; i < parts.size(); ++i) cell(*items_[i], port) = Cell(std::move(parts[i]));
  }

  void join() {
    joined_.resize(node_.inputs.size());
    for (std::size_t port = 0; port < node_.inputs.size(); ++port) {
      const Cell& first = input_cell(node_, *items_[0], static_cast<int>(port));
      if (!first.has()) {
        joined_[port] = first;
        continue;
      }
      const TypeInfo& type = first.value().type();
      if (!type.batchable())
        throw std::logic_error("input '" + node_.spec->node->inputs()[port].name + "' of type '" +
                               std::string(type.name) + "' has no rows to join");
      std::vector<Value> parts;
      parts.reserve(items_.size());
      for (const ItemState* item : items_) parts.push_back(input_cell(node_, *item, static_cast<int>(port)).value());
      if (rows_.empty()) {
        for (const Value& part : parts) rows_.push_back(type.rows(part.data()));
        for (const std::int64_t n : rows_) total_rows_ += n;
      }
      joined_[port] = Cell(type.join(parts));
    }
  }

  const NodeRt& node_;
  std::span<ItemState* const> items_;
  const CallContext& context_;
  std::vector<Cell> joined_;
  std::vector<std::int64_t> rows_;
  std::int64_t total_rows_ = 0;
};

/// Short calls are timed one in sixteen: two clock reads would cost as much as the call.
constexpr std::uint32_t short_call_ns = 10'000, sample_every = 16;

class CallTimer {
 public:
  CallTimer(NodeCounters& counters, bool always) : counters_(counters) {
    timed_ = always || counters.usual_ns >= short_call_ns || counters.since_timed == 0;
    weight_ = !always && counters.usual_ns < short_call_ns ? sample_every : 1;
    counters.since_timed = (counters.since_timed + 1) % sample_every;
    if (timed_) start_ = Clock::now();
  }
  Clock::time_point start() const { return start_; }
  /// Returns the end; counts the duration.
  Clock::time_point stop() {
    if (!timed_) return {};
    const Clock::time_point end = Clock::now();
    const auto ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(end - start_).count());
    const bool first = counters_.calls.get() == 0;  // nothing to extrapolate from yet, and often a warm-up
    counters_.total_ns.add(first || ns >= short_call_ns ? ns : ns * weight_);
    counters_.max_ns.raise_to(ns);
    const auto bucket = static_cast<std::size_t>(ns < 2 ? 0 : std::bit_width(ns) - 1);
    counters_.histogram[std::min<std::size_t>(bucket, counters_.histogram.size() - 1)].add();
    const std::uint64_t mean = (std::uint64_t{counters_.usual_ns} * 7 + std::min<std::uint64_t>(ns, 1'000'000'000)) / 8;
    counters_.usual_ns = static_cast<std::uint32_t>(mean);
    return end;
  }

 private:
  NodeCounters& counters_;
  bool timed_ = false;
  std::uint64_t weight_ = 1;
  Clock::time_point start_;
};

enum class Thrown { none, error, fatal, other };

/// Runs `body` and turns whatever it throws into a reason.
template <class F>
ReasonPtr guarded(const NodeRt& node, Thrown& kind, F&& body) {
  kind = Thrown::other;
  try {
    body();
    kind = Thrown::none;
    return nullptr;
  } catch (const Fatal& e) {
    kind = Thrown::fatal;
    return error_reason(node, "fatal", e.what());
  } catch (const Error& e) {
    kind = Thrown::error;
    return error_reason(node, e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return error_reason(node, "out_of_memory", "not enough memory");
  } catch (const std::exception& e) {
    return error_reason(node, "exception", message_of(e));
  } catch (...) {
    return error_reason(node, "exception", "something that is not a std::exception was thrown");
  }
}

class CurrentNode {
 public:
  CurrentNode(Worker& worker, const NodeRt& node, const ItemState& item) : worker_(worker) {
    worker.current_root.store(item.index, std::memory_order_relaxed);
    worker.current_node.store(node.id, std::memory_order_relaxed);
  }
  ~CurrentNode() {
    worker_.current_node.store(-1, std::memory_order_relaxed);
    worker_.progress.add();
  }

 private:
  Worker& worker_;
};

}  // namespace

const Cell& input_cell(const NodeRt& node, const ItemState& item, int port) {
  const SlotRef& ref = node.inputs[static_cast<std::size_t>(port)];
  if (ref.slot < 0) return nothing;
  const ItemState* home = &item;
  for (int up = ref.up; up > 0; --up) home = home->parent;
  return home->cells[static_cast<std::size_t>(ref.slot)];
}

std::string batch_key(const NodeRt& node, const ItemState& item) try {
  std::string key = item.root->attributes.phase == Phase::train ? "t" : "e";
  for (std::size_t port = 0; port < node.inputs.size(); ++port) {
    const Cell& cell = input_cell(node, item, static_cast<int>(port));
    key += '|';
    if (cell.has() && cell.value().type().batchable()) key += cell.value().type().row_key(cell.value().data());
    if (!cell.has()) key += '-';
  }
  return key;
} catch (const std::exception&) {
  return "alone " + item.key().text();  // a payload that cannot say its key is called by itself
}

CallResult call_node(const NodeRt& node, std::span<ItemState* const> items, const CallContext& context,
                     Worker& worker) {
  NodeCounters& counters = worker.counters[static_cast<std::size_t>(node.id)];
  CallResult result;
  CurrentNode current(worker, node, *items[0]);
  CallTimer timer(counters, context.tracer != nullptr);
  Thrown kind;
  result.error = guarded(node, kind, [&] {
    ItemView view(node, items, context);
    // A body may open its own parallel loops; isolated, its thread cannot wander off into another node's call.
    oneapi::tbb::this_task_arena::isolate([&] { node.spec->node->process(view); });
    view.fill_absent();
  });
  result.fatal = kind == Thrown::fatal;
  const Clock::time_point end = timer.stop();
  counters.calls.add();
  counters.items.add(items.size());
  if (context.tracer)
    context.tracer->slice(worker.track, *node.spec, timer.start(), end, items[0]->key(), items.size());
  return result;
}

NextResult next_item(const NodeRt& node, ItemState& item, std::stop_token stop, const CallContext& context,
                     Worker& worker) {
  NodeCounters& counters = worker.counters[static_cast<std::size_t>(node.id)];
  NextResult result;
  ItemState* const items[] = {&item};
  ItemView view(node, items, context);
  CurrentNode current(worker, node, item);
  CallTimer timer(counters, true);
  Thrown kind;
  result.error =
      guarded(node, kind, [&] { result.made = static_cast<Source&>(*node.spec->node).next(view, std::move(stop)); });
  const Clock::time_point end = timer.stop();
  // Only an Error says that the source has moved past the item; anything else might come again for ever.
  result.fatal = kind == Thrown::fatal || kind == Thrown::other;
  if (result.error) result.made = true;
  if (!result.made) return result;
  counters.calls.add();
  counters.items.add();
  if (result.error) counters.errors.add();
  if (context.tracer) context.tracer->slice(worker.track, *node.spec, timer.start(), end, item.key(), 1);
  view.fill_absent(result.error);
  return result;
}

}  // namespace dfpipe::engine
