#include "config/document.hpp"
#include "dfpipe/sha256.hpp"
#include "plan/assemble.hpp"
#include "plan/checks.hpp"
#include "plan/expand.hpp"
#include "plan/explain.hpp"
#include "plan/order.hpp"
#include "plan/plan.hpp"
#include "plan/wires.hpp"

namespace dfpipe::plan {

std::optional<Plan> make_plan(const PlanRequest& request, const registry::Registry& registry,
                              config::Diagnostics& diagnostics) {
  config::Reporter report(diagnostics);
  const auto settings = config::read_settings(request.set, report);
  const auto pipeline = config::read_pipeline(request.file, report);
  if (!pipeline) return std::nullopt;

  Model model(registry, report);
  expand(model, *pipeline, settings);
  if (request.deterministic) {
    model.run.deterministic = true;
    model.run.origins["deterministic"] = "--deterministic";
    model.run.places.erase("deterministic");
  }
  if (request.seed) {
    model.run.seed = *request.seed;
    model.run.origins["seed"] = "--seed";
  }
  connect(model);
  const bool sorted = sort_drafts(model);
  check_structure(model);
  const Limits limits = check_limits(model);
  if (!sorted || diagnostics.has_errors()) return std::nullopt;
  check_idle(model);

  Plan plan;
  plan.deterministic = model.run.deterministic;
  plan.resolved = resolved_text(model, limits);
  plan.explained = explained_text(model, limits);
  plan.notes = notes_of(model, limits);
  plan.graph = assemble(model, limits);
  plan.graph.config_hash = sha256_hex(plan.resolved);
  return plan;
}

}  // namespace dfpipe::plan
