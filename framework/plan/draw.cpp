#include <nlohmann/json.hpp>

#include "plan/plan.hpp"

namespace dfpipe::plan {
namespace {
using engine::Graph;
}

std::string draw(const Graph& graph, GraphFormat) { return graph.name; }
std::string schema(const registry::Registry&) { return "{}"; }

}  // namespace dfpipe::plan
