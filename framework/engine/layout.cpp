#include "engine/layout.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "dfpipe/random.hpp"

namespace dfpipe::engine {
namespace {

int scope_depth(const ScopeRt* scope) {
  int depth = 0;
  for (; scope->parent; scope = scope->parent) ++depth;
  return depth;
}

[[noreturn]] void broken(const NodeSpec& node, const std::string& what) {
  throw std::invalid_argument("node '" + node.name + "': " + what);
}

/// Turns edges into slots and collects who waits for whom.
class Wiring {
 public:
  Wiring(Layout& layout, const Graph& graph) : layout_(layout), graph_(graph), waits_for_(graph.nodes.size()) {}

  void connect(NodeRt& reader, const Edge& edge, ScopeRt& reader_scope, SlotRef& ref) {
    if (edge.from == Edge::From::nothing) return;
    ScopeRt* home = &reader_scope;
    int slot = edge.index;
    if (edge.from == Edge::From::node) {
      const NodeRt& producer = *layout_.nodes.at(static_cast<std::size_t>(edge.index));
      home = producer.scope;
      slot = producer.first_output + edge.port;
    }
    ref.slot = slot;
    ref.up = scope_depth(&reader_scope) - scope_depth(home);
    if (ref.up < 0) broken(*reader.spec, "reads a value of an inner scope");
    if (ref.up == 0) {
      reads(reader, slot, edge);
      return;
    }
    // A value of an outer scope: the foreach that leads here waits for it and keeps it alive.
    ScopeRt* scope = &reader_scope;
    for (int i = 1; i < ref.up; ++i) scope = scope->parent;
    reads(*scope->foreach_node, slot, edge);
  }

  void finish() {
    for (auto& node : layout_.nodes) {
      const auto& waits = waits_for_[static_cast<std::size_t>(node->id)];
      for (int producer : waits) layout_.nodes[static_cast<std::size_t>(producer)]->successors.push_back(node.get());
      node->scope->initial_missing[static_cast<std::size_t>(node->local)] = static_cast<int>(waits.size());
      if (waits.empty() && !node->is_source) node->scope->first.push_back(node.get());
    }
  }

 private:
  void reads(NodeRt& reader, int slot, const Edge& edge) {
    reader.own_slots.push_back(slot);
    ++reader.scope->initial_readers[static_cast<std::size_t>(slot)];
    if (edge.from != Edge::From::node) return;
    if (edge.index >= reader.id) broken(*reader.spec, "stands before a node that it reads");
    waits_for_[static_cast<std::size_t>(reader.id)].insert(edge.index);
  }

  Layout& layout_;
  const Graph& graph_;
  std::vector<std::set<int>> waits_for_;
};

/// A gathered output is wanted of the inner node as well.
void mark_wanted(Layout& layout, const Edge& edge) {
  if (edge.from != Edge::From::node) return;
  NodeRt& producer = *layout.nodes[static_cast<std::size_t>(edge.index)];
  const auto port = static_cast<std::size_t>(edge.port);
  if (producer.wanted[port]) return;
  producer.wanted[port] = true;
  if (producer.is_foreach()) mark_wanted(layout, producer.spec->gathers[port]);
}

/// Finds out, readers first, what is wanted of whom: a node runs when somebody reads one of its outputs, when it has
/// none (a sink) or keeps a state; a foreach, when its outputs are read or a node inside runs. What nobody wants in the
/// end costs nothing anywhere on the way to it.
void find_wanted(Layout& layout) {
  const auto somebody_runs = [](const ScopeRt& scope) {
    return std::ranges::any_of(scope.nodes, [](const NodeRt* n) { return n->spec->enabled && !n->unread; });
  };
  for (auto node = layout.nodes.rbegin(); node != layout.nodes.rend(); ++node) {
    NodeRt& reader = **node;
    if (!reader.spec->enabled) continue;
    const bool for_itself = reader.is_foreach()
                                ? somebody_runs(*reader.child)
                                : reader.is_source || reader.outputs == 0 || reader.spec->node->info().stateful;
    reader.unread = !for_itself && std::ranges::none_of(reader.wanted, [](bool wanted) { return wanted; });
    if (reader.unread) continue;
    for (const Edge& edge : reader.spec->inputs) mark_wanted(layout, edge);
  }
}

}  // namespace

ItemState* ScopeRt::make_item() {
  const auto slots = static_cast<std::size_t>(slot_count);
  ItemState* item = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      item = spare_.back();
      spare_.pop_back();
    } else {
      item = all_.emplace_back(std::make_unique<ItemState>()).get();
      spare_.reserve(all_.size());
    }
  }
  if (!item->missing) {
    item->cells.resize(slots);
    item->readers = std::make_unique<std::atomic<int>[]>(slots);
    item->missing = std::make_unique<std::atomic<int>[]>(nodes.size());
  }
  for (std::size_t i = 0; i < slots; ++i) item->readers[i].store(initial_readers[i], std::memory_order_relaxed);
  for (std::size_t i = 0; i < nodes.size(); ++i) item->missing[i].store(initial_missing[i], std::memory_order_relaxed);
  item->nodes_left.store(static_cast<int>(nodes.size()), std::memory_order_relaxed);
  item->scope = this;
  item->parent = nullptr;
  item->root = item;
  item->gathered_by = nullptr;
  item->position = 0;
  item->attributes = {};
  item->cancel.reset();
  item->had_error = false;
  item->was_stopped = false;
  return item;
}

void ScopeRt::recycle(ItemState* item) {
  for (Cell& cell : item->cells) cell.clear();
  item->cancel.reset();
  std::lock_guard lock(mutex_);
  spare_.push_back(item);
}

Layout::Layout(Graph& graph) {
  if (graph.scopes.empty()) throw std::invalid_argument("a graph needs its root scope");
  for (std::size_t s = 0; s < graph.scopes.size(); ++s) {
    scopes.push_back(std::make_unique<ScopeRt>());
    scopes.back()->id = static_cast<int>(s);
    if (graph.scopes[s].parent >= 0)
      scopes.back()->parent = scopes.at(static_cast<std::size_t>(graph.scopes[s].parent)).get();
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    NodeSpec& spec = graph.nodes[i];
    auto node = std::make_unique<NodeRt>();
    node->spec = &spec;
    node->id = static_cast<int>(i);
    node->scope = scopes.at(static_cast<std::size_t>(spec.scope)).get();
    node->name_hash = Random::hash(spec.name);
    const bool at_root = spec.scope == 0;
    if (spec.is_foreach()) {
      node->child = scopes.at(static_cast<std::size_t>(spec.child_scope)).get();
      node->child->foreach_node = node.get();
      node->child->elements = static_cast<int>(spec.inputs.size());
      node->child->slot_count = node->child->elements;
      node->child->initial_readers.assign(spec.inputs.size(), 0);
      node->outputs = static_cast<int>(spec.gathers.size());
    } else {
      node->outputs = static_cast<int>(spec.node->outputs().size());
      node->is_source = dynamic_cast<Source*>(spec.node.get()) != nullptr;
      node->always_called = spec.node->is_sink();
      if (node->is_source && (source || !at_root)) broken(spec, "is a second source, or not at the root");
      if (node->is_source) source = node.get();
      if (spec.node->info().ordered && !at_root) broken(spec, "is ordered: it must stand outside foreach");
    }
    node->wanted.assign(static_cast<std::size_t>(node->outputs), false);
    for (int port = 0; port < node->outputs && !node->child; ++port)
      node->absent.push_back({Reason::Kind::absent, spec.name, "absent",
                              "gave no '" + spec.node->outputs()[static_cast<std::size_t>(port)].name + "'"});
    ScopeRt& scope = *node->scope;
    node->first_output = scope.slot_count;
    scope.slot_count += node->outputs;
    scope.initial_readers.resize(static_cast<std::size_t>(scope.slot_count), 0);
    node->local = static_cast<int>(scope.nodes.size());
    scope.nodes.push_back(node.get());
    scope.initial_missing.push_back(0);
    nodes.push_back(std::move(node));
  }
  if (!source) throw std::invalid_argument("the graph has no source");

  Wiring wiring(*this, graph);
  for (auto& node : nodes) {
    const NodeSpec& spec = *node->spec;
    node->inputs.resize(spec.inputs.size());
    for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
      wiring.connect(*node, spec.inputs[i], *node->scope, node->inputs[i]);
      node->required.push_back(spec.is_foreach() || (!spec.node->inputs()[i].optional && !node->always_called));
    }
    if (!node->child) continue;
    node->gathers.resize(spec.gathers.size());
    for (std::size_t g = 0; g < spec.gathers.size(); ++g) {
      const Edge& edge = spec.gathers[g];
      int slot = edge.index;
      if (edge.from == Edge::From::node) {
        const NodeRt& producer = *nodes.at(static_cast<std::size_t>(edge.index));
        if (producer.scope != node->child) broken(spec, "gathers from another scope");
        slot = producer.first_output + edge.port;
      }
      node->gathers[g].slot = slot;
    }
  }
  wiring.finish();
  find_wanted(*this);
  for (const auto& node : nodes)
    for (std::size_t g = 0; g < node->gathers.size(); ++g)
      if (node->wanted[g])  // never read off: lives until the child dies
        ++node->child->initial_readers[static_cast<std::size_t>(node->gathers[g].slot)];
}

}  // namespace dfpipe::engine
