#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.hpp"
#include "engine/graph.hpp"
#include "registry/registry.hpp"

namespace dfpipe::plan {

struct PlanRequest {
  std::filesystem::path file;
  std::vector<std::string> set;  ///< "param=value" or "node.param=value", in order
  bool deterministic = false;    ///< asked for on the command line; the file's `run: {deterministic: …}` also counts
  std::optional<std::uint64_t> seed;
  std::optional<int> device_threads;  ///< wins over the file's `run: {device_threads: …}`
};

inline constexpr int most_device_threads = 1024;

/// Everything that was decided before the first item: the graph to execute and what tools print about it.
struct Plan {
  engine::Graph graph;
  bool deterministic = false;
  /// Threads inside one model call: asked for, or the constant of a deterministic run; else as many as workers.
  std::optional<int> device_threads;
  std::string resolved;   ///< the resolved file as YAML, the same text for the same meaning: hashed for --resume
  std::string explained;  ///< the same with the origin of each value, for `dfpipe explain`
  std::vector<std::string> notes;  ///< for `validate`: worst-case memory, credits, slots, lanes
};

/// Reads, resolves and checks. All that is wrong is in `diagnostics`; the plan is there only when nothing is an error.
std::optional<Plan> make_plan(const PlanRequest& request, const registry::Registry& registry,
                              config::Diagnostics& diagnostics);

enum class GraphFormat { dot, mermaid, json };
/// A drawing of the graph: scopes as boxes, ports on the edges, lanes by style.
std::string draw(const engine::Graph& graph, GraphFormat format);

/// JSON Schema (draft 2020-12) of a pipeline file, with every registered node type's parameters.
std::string schema(const registry::Registry& registry);

}  // namespace dfpipe::plan
