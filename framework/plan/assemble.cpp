#include "plan/assemble.hpp"

#include <set>
#include <utility>

namespace dfpipe::plan {
namespace {

engine::Edge edge_of(const Wire& wire) {
  using From = engine::Edge::From;
  switch (wire.from) {
    case Wire::From::node:
      return {From::node, wire.node->number, wire.port};
    case Wire::From::element:
      return {From::element, wire.port, 0};
    case Wire::From::nothing:
    case Wire::From::broken:
      break;
  }
  return {};
}

/// A node that cannot do without an input is not asked.
bool is_read(const Draft& draft, std::size_t input) {
  if (draft.is_foreach() || !(draft.node->inputs()[input].optional || draft.node->is_sink())) return true;
  return draft.node->reads(static_cast<int>(input));
}

engine::NodeSpec spec_of(Draft& draft, const Limits& limits) {
  engine::NodeSpec spec;
  spec.name = draft.full;
  spec.type = draft.type;
  spec.scope = draft.scope;
  spec.enabled = draft.enabled;
  for (std::size_t i = 0; i < draft.inputs.size(); ++i)
    spec.inputs.push_back(is_read(draft, i) ? edge_of(draft.inputs[i].wire) : engine::Edge{});
  spec.node = std::move(draft.node);
  spec.on_error = draft.on_error;
  spec.concurrency = draft.concurrency;
  spec.batch_max = draft.batch_max;
  spec.batch_wait = draft.batch_wait;
  if (!draft.is_foreach()) return spec;
  spec.child_scope = draft.group->child_scope;
  for (const Alias& output : draft.group->outputs) {
    spec.gathers.push_back(edge_of(output.wire));
    spec.gather_types.push_back(output.wire.type);
  }
  spec.max_live = limits.max_live.at(&draft);
  return spec;
}

/// A resource that only disabled nodes use is not even opened: its model may be missing.
std::set<const ResourceDraft*> needed_resources(const Model& model) {
  std::set<const ResourceDraft*> needed;
  for (const auto& draft : model.drafts)
    if (draft->enabled) needed.insert(draft->resources.begin(), draft->resources.end());
  return needed;
}

}  // namespace

engine::Graph assemble(Model& model, const Limits& limits) {
  engine::Graph graph;
  graph.name = model.name;
  graph.credits = limits.credits;
  graph.window = limits.window;
  graph.seed = model.run.seed;
  const auto needed = needed_resources(model);
  for (const auto& resource : model.resources)
    if (needed.contains(resource.get())) graph.resources.push_back({resource->name, resource->resource});
  for (const Scope& scope : model.scopes)
    graph.scopes.push_back({scope.parent, scope.foreach != nullptr ? scope.foreach->number : -1});
  for (const auto& draft : model.drafts) graph.nodes.push_back(spec_of(*draft, limits));
  graph.thread_hooks = model.registry.thread_hooks();
  return graph;
}

}  // namespace dfpipe::plan
