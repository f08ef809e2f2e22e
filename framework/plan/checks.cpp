#include "plan/checks.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace dfpipe::plan {

using config::Origin;

namespace {

std::string owner(const Draft& draft) { return "node '" + draft.name + "'"; }

Origin place_of(const Draft& draft, const std::string& key) {
  const auto found = draft.places.find(key);
  return found != draft.places.end() ? found->second : draft.at;
}

void check_source(Model& model) {
  const Draft* first = nullptr;
  for (const auto& draft : model.drafts) {
    if (!draft->is_source()) continue;
    if (draft->scope != 0) {
      model.report.error(draft->at,
                         owner(*draft) + ": " + draft->type + " is a source and cannot stand inside foreach");
    } else if (first != nullptr) {
      model.report.error(draft->at, owner(*draft) + " is a second source, the first is '" + first->full + "'",
                         "a pipeline has exactly one");
    } else if (!draft->enabled) {
      model.report.error(place_of(*draft, "enabled"), owner(*draft) + " is the source and cannot be disabled");
      first = draft.get();
    } else {
      first = draft.get();
    }
  }
  if (first == nullptr && !model.unknown_types)
    model.report.error(model.nodes_at, "no node is a source: nothing makes items",
                       "dfpipe inspect lists the node types that are sources");
}

void check_ordered(Model& model) {
  for (const auto& draft : model.drafts)
    if (draft->node && draft->node->info().ordered && draft->scope != 0)
      model.report.error(draft->at, owner(*draft) + ": " + draft->type +
                                        " keeps the order of the source and must stand outside foreach");
}

void check_disabled(Model& model) {
  for (const auto& draft : model.drafts) {
    if (!draft->enabled) continue;
    for (std::size_t i = 0; i < draft->inputs.size(); ++i) {
      const Alias& input = draft->inputs[i];
      if (input.wire.from != Wire::From::node || input.wire.node->enabled) continue;
      if (draft->node && draft->node->inputs()[i].optional) continue;
      const std::string what = draft->is_foreach() ? "foreach '" : "input '";
      model.report.error(
          input.ref.at,
          owner(*draft) + ": " + what + input.name + "' is required, but '" + input.wire.node->full + "' is disabled",
          "disable this node too, or connect it to another");
    }
  }
}

std::int64_t limited(std::int64_t value) { return std::min<std::int64_t>(value, 1'000'000); }

/// What is disabled makes no batches.
bool is_batched(const Draft& draft) { return draft.enabled && draft.node && draft.node->info().batched; }

/// Slots of one foreach: enough for its batches to fill; by default for all of them at once.
int slots_of(Model& model, Draft& foreach) {
  const Group& group = *foreach.group;
  std::int64_t sum = 0;
  const Draft* largest = nullptr;
  for (const auto& draft : model.drafts) {
    if (draft->scope != group.child_scope || !is_batched(*draft)) continue;
    sum += draft->batch_max;
    if (largest == nullptr || draft->batch_max > largest->batch_max) largest = draft.get();
  }
  const std::int64_t slots = limited(group.max_live.value_or(std::max<std::int64_t>(16, sum)));
  if (!group.max_live || largest == nullptr) return static_cast<int>(slots);
  const Origin at = group.places.contains("max_live") ? group.places.at("max_live") : group.at;
  if (slots < largest->batch_max)
    model.report.error(at, owner(foreach) + ": max_live " + std::to_string(slots) + " is less than batch.max " +
                               std::to_string(largest->batch_max) + " of '" + largest->full + "'");
  return static_cast<int>(slots);
}

bool feeds_an_output(const Model& model, const Draft& draft) {
  return std::ranges::any_of(model.groups, [&](const auto& group) {
    return std::ranges::any_of(group->outputs, [&](const Alias& output) { return output.wire.node == &draft; });
  });
}

bool has_sink(const Model& model, const Group& group) {
  return std::ranges::any_of(model.drafts, [&](const auto& draft) {
    return draft->node && draft->node->is_sink() && draft->full.starts_with(group.full + "/");
  });
}

}  // namespace

void check_structure(Model& model) {
  check_source(model);
  check_ordered(model);
  check_disabled(model);
}

Limits check_limits(Model& model) {
  Limits limits;
  std::int64_t largest = 1;
  for (const auto& draft : model.drafts)
    if (is_batched(*draft)) largest = std::max(largest, draft->batch_max);
  limits.credits = static_cast<int>(limited(model.run.credits.value_or(std::max<std::int64_t>(2 * largest, 16))));
  limits.window = static_cast<int>(limited(model.run.window.value_or(limits.credits)));
  if (limits.window > limits.credits)
    model.report.error(model.run.places.at("window"), "'run': window " + std::to_string(limits.window) +
                                                          " is more than the credits, " +
                                                          std::to_string(limits.credits));
  for (const auto& draft : model.drafts)
    if (draft->is_foreach()) limits.max_live[draft.get()] = slots_of(model, *draft);
  if (!model.run.deterministic) return limits;
  for (const auto& draft : model.drafts) {
    const auto* source = dynamic_cast<const Source*>(draft->node.get());
    if (source == nullptr || !source->live()) continue;
    const auto asked = model.run.places.find("deterministic");
    model.report.error(asked != model.run.places.end() ? asked->second : draft->at,
                       owner(*draft) + ": " + draft->type + " is a live source, so the run cannot be deterministic");
  }
  return limits;
}

void check_idle(Model& model) {
  for (const config::Variable& v : model.variables.all())
    if (!v.used && v.at.source == model.top.source)
      model.report.warning(v.at, "parameter '" + v.spec.name + "' is not used");
  std::set<const Draft*> read;
  for (const auto& draft : model.drafts)
    for (const Alias& input : draft->inputs)
      if (input.wire.from == Wire::From::node) read.insert(input.wire.node);
  for (const auto& draft : model.drafts) {
    if (!draft->enabled || read.contains(draft.get()) || draft->type == "element") continue;
    if (draft->is_foreach() ? has_sink(model, *draft->group) : draft->node->is_sink()) continue;
    if (feeds_an_output(model, *draft)) continue;
    model.report.warning(draft->at, owner(*draft) + ": nobody reads what it gives");
  }
  for (const auto& resource : model.resources)
    if (!resource->used) model.report.warning(resource->at, "resource '" + resource->name + "' is not used");
}

}  // namespace dfpipe::plan
