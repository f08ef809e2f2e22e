#include <algorithm>
#include <limits>

#include "config/scalars.hpp"
#include "plan/expand.hpp"

/// Small pieces of the language that stages, groups and resources share.
namespace dfpipe::plan {

using config::Entry;
using config::Reporter;

const std::vector<Entry>& named_entries(const Tree* map, const std::string& what, Reporter& report) {
  static const std::vector<Entry> none;
  if (map == nullptr || map->broken || map->kind == Tree::Kind::null) return none;
  if (!map->is_map()) {
    report.error(map->at, what + " wants a map of names, not " + std::string(map->what()));
    return none;
  }
  return map->entries;
}

void assign_params(ParamSet* params, const Tree* with, const std::string& owner, const std::string& type,
                   const Origin& at, std::map<std::string, std::string>& origins, Reporter& report) {
  std::vector<std::string> names;
  if (params != nullptr)
    for (const ParamSpec& spec : params->specs()) names.push_back(spec.name);
  for (const Entry& entry : named_entries(with, owner + ": 'with'", report)) {
    ParamSpec* spec = params != nullptr ? params->find(entry.key) : nullptr;
    if (spec == nullptr) {
      report.error(entry.key_at, owner + " (" + type + ") has no parameter '" + entry.key + "'",
                   config::suggestion_or_list(entry.key, names, "it has", type + " has no parameters"));
      continue;
    }
    config::assign(*spec, entry.value, owner + ": parameter '" + entry.key + "'", report);
    origins["with." + entry.key] = origin_text(entry.value);
  }
  if (params == nullptr || (with != nullptr && with->broken)) return;
  for (const ParamSpec& spec : params->specs())
    if (spec.help.required && !origins.contains("with." + spec.name))
      report.error(at, owner + ": parameter '" + spec.name + "' must be set", spec.help.about);
}

ResourceDraft* find_resource(Model& model, Frame& frame, const Tree& name, const std::string& owner) {
  if (name.broken) return nullptr;
  if (!name.is_scalar()) {
    model.report.error(name.at, owner + " wants the name of a resource, not " + std::string(name.what()));
    return nullptr;
  }
  std::vector<std::string> names;
  for (Frame* f = &frame; f != nullptr; f = f->lexical) {
    if (const auto found = f->resources.find(name.text); found != f->resources.end()) {
      found->second->used = true;
      return found->second;
    }
    if (f->refused_resources.contains(name.text)) return nullptr;
    for (const auto& [known, resource] : f->resources) names.push_back(known);
  }
  model.report.error(name.at, owner + ": no resource '" + name.text + "'", config::suggestion(name.text, names));
  return nullptr;
}

bool read_enabled(const Tree& node, const std::string& owner, Reporter& report) {
  const Tree* tree = node.find("enabled");
  if (tree == nullptr || tree->broken) return true;
  const auto value = config::as_boolean(*tree);
  if (!value) report.error(tree->at, owner + ": 'enabled' wants true or false");
  return value.value_or(true);
}

std::optional<std::int64_t> read_count(const Tree& map, const char* key, const std::string& owner, Reporter& report,
                                       std::int64_t least, std::int64_t most) {
  const Tree* tree = map.find(key);
  if (tree == nullptr || tree->broken) return std::nullopt;
  const auto value = config::as_integer(*tree);
  if (value && *value >= least && *value <= most) return value;
  report.error(tree->at, owner + ": '" + key + "' wants a whole number from " + std::to_string(least) + " to " +
                             std::to_string(most));
  return std::nullopt;
}

}  // namespace dfpipe::plan
