#include "registry/descriptor_check.hpp"

#include <algorithm>

namespace dfpipe::registry {
namespace {

/// `what` in the plural.
template <class Specs>
std::optional<std::string> why_not_names(const std::string& what, const Specs& specs) {
  for (const auto& spec : specs) {
    if (!is_plain_name(spec.name))
      return "with a name '" + spec.name + "' among its " + what + ": letters, digits, '-' and '_' only";
    if (std::ranges::count(specs, spec.name, [](const auto& s) { return s.name; }) > 1)
      return "with two " + what + " '" + spec.name + "'";
  }
  return std::nullopt;
}

}  // namespace

bool is_plain_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 100 && name.find_first_not_of(allowed) == std::string_view::npos;
}

std::optional<std::string> why_not_parameters(const ParamSet& params) {
  if (auto why = why_not_names("parameters", params.specs())) return why;
  for (const ParamSpec& spec : params.specs()) {
    if (spec.help.required) continue;
    ParamSpec copy = spec;
    if (const auto wrong = copy.assign(spec.default_value))
      return "with a default of '" + spec.name + "' that is not allowed: " + *wrong;
  }
  return std::nullopt;
}

std::optional<std::string> why_not_a_node(const Node& node) {
  if (auto why = why_not_names("inputs", node.inputs())) return why;
  if (auto why = why_not_names("outputs", node.outputs())) return why;
  if (auto why = why_not_names("resources", node.uses())) return why;
  return node.params() != nullptr ? why_not_parameters(*node.params()) : std::nullopt;
}

}  // namespace dfpipe::registry
