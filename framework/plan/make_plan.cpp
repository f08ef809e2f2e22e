#include <nlohmann/json.hpp>

#include "config/document.hpp"
#include "plan/assemble.hpp"
#include "plan/checks.hpp"
#include "plan/descriptor.hpp"
#include "plan/difference.hpp"
#include "plan/expand.hpp"
#include "plan/explain.hpp"
#include "plan/order.hpp"
#include "plan/plan.hpp"
#include "plan/wires.hpp"

namespace dfpipe::plan {
namespace {

/// What the command line says about the run wins over the file.
void settle_run(RunSettings& run, const PlanRequest& request) {
  if (request.deterministic) {
    run.deterministic = true;
    run.origins["deterministic"] = "--deterministic";
    run.places.erase("deterministic");
  }
  if (request.seed) {
    run.seed = *request.seed;
    run.origins["seed"] = "--seed";
  }
  if (request.device_threads) {
    run.device_threads = *request.device_threads;
    run.origins["device_threads"] = "--device-threads";
  } else if (run.deterministic && !run.device_threads) {
    // Sums depend on how a model call is cut into threads, so the number must not come from the machine.
    run.device_threads = 2;
  }
}

/// The drawing, with the descriptor of each type in it.
std::string description_of(const engine::Graph& graph, const registry::Registry& registry) {
  auto out = nlohmann::ordered_json::parse(draw(graph, GraphFormat::json));
  auto& descriptors = out["descriptors"] = nlohmann::ordered_json::object();
  for (const engine::NodeSpec& node : graph.nodes)
    if (const registry::NodeType* type = node.is_foreach() ? nullptr : registry.node(node.type))
      descriptors[node.type] = descriptor_json(describe(*type));
  return out.dump();
}

}  // namespace

std::optional<Plan> make_plan(const PlanRequest& request, const registry::Registry& registry,
                              config::Diagnostics& diagnostics) {
  config::Reporter report(diagnostics);
  const auto settings = config::read_settings(request.set, report);
  const auto pipeline = config::read_pipeline(request.file, report);
  if (!pipeline) return std::nullopt;

  Model model(registry, report);
  expand(model, *pipeline, settings);
  settle_run(model.run, request);
  connect(model);
  const bool sorted = sort_drafts(model);
  check_structure(model);
  const Limits limits = check_limits(model);
  if (!sorted || diagnostics.has_errors()) return std::nullopt;
  check_idle(model);

  Plan plan;
  plan.deterministic = model.run.deterministic;
  if (model.run.device_threads) plan.device_threads = static_cast<int>(*model.run.device_threads);
  plan.resolved = resolved_text(model, limits);
  plan.explained = explained_text(model, limits);
  plan.notes = notes_of(model, limits);
  plan.graph = assemble(model, limits);
  plan.graph.config = plan.resolved;
  plan.graph.description = description_of(plan.graph, registry);
  plan.graph.difference = [now = plan.resolved](const std::string& earlier) { return difference(earlier, now); };
  return plan;
}

}  // namespace dfpipe::plan
