#include "plan/expand.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/scalars.hpp"
#include "plan/expand_group.hpp"
#include "plan/plan.hpp"

/// From the merged file to drafts: what stands at the top, and the walk through nodes and overrides.
namespace dfpipe::plan {

using config::Entry;
using config::Setting;

namespace {

constexpr std::size_t most_nodes = 10'000;

/// The language's own keys, which `--set node.key` reaches; any other name is a parameter. A stage may have a parameter
/// named like a key that only groups have.
const std::vector<std::string> stage_keys{"type",        "with",    "in",      "use",  "on_error", "batch",
                                          "concurrency", "enabled", "foreach", "part", "max_live"};
const std::vector<std::string> group_keys{"type",    "with", "in",       "use", "enabled",
                                          "foreach", "part", "max_live", "out", "nodes"};
/// Those that hold keys themselves.
const std::vector<std::string> map_keys{"batch", "with", "in", "use", "foreach", "on_error"};

bool is_one_of(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

void apply(Tree& tree, const Override& override, std::vector<std::string> keys) {
  const Setting& setting = *override.setting;
  const Tree* old = &tree;
  for (const std::string& key : keys) old = old != nullptr ? old->find(key) : nullptr;
  config::set_at(tree, keys, old != nullptr ? config::merged(*old, setting.value) : setting.value,
                 setting.places[override.next]);
}

/// Sorts the `--set` arguments to what they name.
class Settings {
 public:
  Settings(Model& model, const Tree& pipeline, const std::vector<Setting>& all) : model_(model), pipeline_(pipeline) {
    for (const Setting& setting : all) place(setting);
  }
  std::vector<Override> params, resources, run, nodes;

 private:
  bool has(const char* section, const std::string& name) const {
    const Tree* map = pipeline_.find(section);
    return map != nullptr && map->find(name) != nullptr;
  }

  void place(const Setting& setting) {
    const std::vector<std::string>& path = setting.path;
    const std::string& first = path.front();
    if (path.size() == 1) {
      params.push_back({&setting, 0});
    } else if (has("nodes", first) && has("resources", first)) {
      model_.report.error(setting.places[0], "'" + first + "' is a node and a resource",
                          "write nodes." + first + ". or resources." + first + ".");
    } else if (has("nodes", first)) {
      nodes.push_back({&setting, 0});
    } else if (has("resources", first)) {
      resources.push_back({&setting, 0});
    } else if (first == "params" && path.size() == 2) {
      params.push_back({&setting, 1});
    } else if (first == "run") {
      run.push_back({&setting, 1});
    } else if (first == "resources") {
      resources.push_back({&setting, 1});
    } else if (first == "nodes") {
      nodes.push_back({&setting, 1});
    } else {
      std::vector<std::string> names;
      for (const char* section : {"nodes", "resources"})
        if (const Tree* map = pipeline_.find(section))
          std::ranges::copy(config::keys_of(*map), std::back_inserter(names));
      names.emplace_back("run");
      model_.report.error(setting.places[0], "no node or resource '" + first + "'", config::suggestion(first, names));
    }
  }

  Model& model_;
  const Tree& pipeline_;
};

void read_params(Model& model, const Tree& pipeline, const std::vector<Override>& overrides) {
  if (const Tree* params = pipeline.find("params")) model.variables.declare(*params, model.report);
  for (const Override& o : overrides) {
    const std::string& name = o.setting->path[o.next];
    if (config::Variable* variable = model.variables.find(name)) {
      model.variables.give(*variable, o.setting->value);
      continue;
    }
    std::string hint = config::suggestion(name, model.variables.names());
    const Tree* nodes = pipeline.find("nodes");
    if (nodes != nullptr && nodes->find(name) != nullptr) hint = "it is a node: write " + name + ".parameter=value";
    model.report.error(o.setting->places[o.next], "no parameter '" + name + "'", std::move(hint));
  }
  model.variables.resolve({}, "", model.report);
}

void read_run(Model& model, const Tree& pipeline, const std::vector<Override>& overrides) {
  Tree run;
  if (const Tree* written = pipeline.find("run")) run = *written;
  for (const Override& o : overrides)
    apply(run, o, {o.setting->path.begin() + static_cast<std::ptrdiff_t>(o.next), o.setting->path.end()});
  if (run.broken || run.kind == Tree::Kind::null) return;
  if (!run.is_map()) {
    model.report.error(run.at, "'run' wants a map, not " + std::string(run.what()));
    return;
  }
  run = model.variables.substituted(run, model.report);
  config::check_keys(run, {"credits", "window", "seed", "deterministic", "device_threads"}, "'run'", model.report);
  for (const Entry& entry : run.entries) {
    model.run.origins[entry.key] = origin_text(entry.value);
    model.run.places[entry.key] = entry.value.at;
  }
  model.run.credits = read_count(run, "credits", "'run'", model.report);
  model.run.window = read_count(run, "window", "'run'", model.report);
  model.run.device_threads = read_count(run, "device_threads", "'run'", model.report, 1, most_device_threads);
  if (const Tree* seed = run.find("seed"); seed != nullptr && !seed->broken) {
    const auto value = config::as_natural(*seed);
    if (!value) model.report.error(seed->at, "'run': 'seed' wants a whole number of 0 or more");
    model.run.seed = value.value_or(0);
  }
  if (const Tree* flag = run.find("deterministic"); flag != nullptr && !flag->broken) {
    const auto value = config::as_boolean(*flag);
    if (!value) model.report.error(flag->at, "'run': 'deterministic' wants true or false");
    model.run.deterministic = value.value_or(false);
  }
}

const registry::ResourceKind* kind_of(Model& model, const Entry& entry, const std::string& owner) {
  const Tree* type = entry.value.find("type");
  if (type == nullptr) {
    model.report.error(entry.key_at, owner + " has no 'type'");
    return nullptr;
  }
  if (type->broken) return nullptr;
  const registry::ResourceKind* kind = model.registry.resource(type->text);
  if (kind != nullptr) return kind;
  std::vector<std::string> names;
  for (const auto& [name, known] : model.registry.resources()) names.push_back(name);
  model.report.error(type->at, owner + ": unknown type '" + type->text + "'", config::suggestion(type->text, names));
  return nullptr;
}

void read_resource(Model& model, Frame& frame, const Entry& entry) {
  const std::string owner = "resource '" + entry.key + "'";
  frame.refused_resources.insert(entry.key);
  if (entry.value.broken) return;
  if (!entry.value.is_map()) {
    model.report.error(entry.value.at, owner + " wants a map, not " + std::string(entry.value.what()),
                       "write {type: …, with: {…}}");
    return;
  }
  config::check_keys(entry.value, {"type", "with"}, owner, model.report);
  const registry::ResourceKind* kind = kind_of(model, entry, owner);
  if (kind == nullptr) return;
  auto draft = std::make_unique<ResourceDraft>();
  draft->name = entry.key;
  draft->at = entry.key_at;
  draft->type = kind->type;
  draft->resource = kind->make();
  draft->origins["type"] = origin_text(*entry.value.find("type"));
  assign_params(&draft->resource->params(), entry.value.find("with"), owner, draft->type, entry.key_at, draft->origins,
                model.report);
  frame.refused_resources.erase(entry.key);
  frame.resources[entry.key] = draft.get();
  model.resources.push_back(std::move(draft));
}

void read_resources(Model& model, Frame& frame, const Tree& pipeline, const std::vector<Override>& overrides) {
  Tree map;
  if (const Tree* written = pipeline.find("resources")) map = *written;
  for (const Override& o : overrides) {
    const auto& path = o.setting->path;
    const std::string& name = path[o.next];
    const std::size_t left = path.size() - o.next;
    const bool spelled_out = left == 3 && path[o.next + 1] == "with";
    const bool of_param = left == 2 && path[o.next + 1] != "type";
    if (map.find(name) == nullptr) {
      model.report.error(o.setting->places[o.next], "no resource '" + name + "'",
                         config::suggestion(name, config::keys_of(map)));
    } else if (left == 2 || spelled_out) {
      std::vector<std::string> keys{name};
      if (of_param || spelled_out) keys.emplace_back("with");
      keys.push_back(path.back());
      config::set_at(map, keys, o.setting->value, o.setting->places.back());
    } else {
      model.report.error(o.setting->places[o.next],
                         "resource '" + name + "' is set by " + name + ".type or " + name + ".PARAMETER");
    }
  }
  map = model.variables.substituted(map, model.report);
  for (const Entry& entry : named_entries(&map, "'resources'", model.report)) read_resource(model, frame, entry);
}

}  // namespace

Override followed(const Override& override) { return {override.setting, override.next + 1}; }

bool is_node_name(const std::string& name) {
  const auto fits = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; };
  return !name.empty() && name.size() <= 100 && std::ranges::all_of(name, fits) &&
         name.find_first_of("./${}[]\"'\\#:,") == std::string::npos;
}

std::vector<Override> apply_overrides(Model& model, Tree& tree, const std::string& owner,
                                      const std::vector<Override>& overrides) {
  std::vector<Override> inner;
  for (const Override& o : overrides) {
    const std::vector<std::string>& path = o.setting->path;
    const std::vector<std::string> rest(path.begin() + static_cast<std::ptrdiff_t>(o.next), path.end());
    const bool is_group = tree.find("part") != nullptr || tree.find("nodes") != nullptr;
    const bool names_map = rest.size() > 1 && (is_one_of(map_keys, rest[0]) || (is_group && rest[0] == "out"));
    if (rest.empty()) {
      model.report.error(o.setting->places.front(), owner + " is set key by key",
                         "for example " + path.back() + ".type=…");
    } else if (rest.size() == 1) {
      const bool own_key = is_one_of(is_group ? group_keys : stage_keys, rest[0]);
      apply(tree, o, own_key ? rest : std::vector<std::string>{"with", rest[0]});
    } else if (rest.size() == 2 && names_map) {
      config::set_at(tree, rest, o.setting->value, o.setting->places[o.next + 1]);
    } else if (is_group) {
      inner.push_back(rest[0] == "nodes" ? followed(o) : o);
    } else if (names_map) {
      model.report.error(o.setting->places[o.next + 2], owner + ": '" + rest[0] + "." + rest[1] + "' holds no keys");
    } else {
      model.report.error(o.setting->places[o.next],
                         owner + " has no nodes inside, so no '" + rest[0] + "." + rest[1] + "'");
    }
  }
  return inner;
}

void expand_nodes(Model& model, Frame& frame, const Tree* nodes, config::Variables& variables,
                  std::vector<Override> overrides) {
  std::vector<std::string> names;
  for (const Entry& written : named_entries(nodes, "'nodes'", model.report)) {
    names.push_back(written.key);
    std::vector<Override> own;
    std::erase_if(overrides, [&](const Override& o) {
      if (o.setting->path[o.next] != written.key) return false;
      own.push_back(followed(o));
      return true;
    });
    frame.refused.insert(written.key);
    const bool known = model.unknown_types;
    model.unknown_types = true;
    const std::string owner = "node '" + written.key + "'";
    if (model.drafts.size() + model.groups.size() >= most_nodes) {
      model.report.error(written.key_at, "more than " + std::to_string(most_nodes) + " nodes");
      return;
    }
    if (!is_node_name(written.key)) {
      model.report.error(written.key_at, owner + ": a name is made of letters, digits, '-' and '_'",
                         config::glued_colon(written.key));
      continue;
    }
    Entry entry = written;
    if (entry.value.broken) continue;
    if (!entry.value.is_map()) {
      model.report.error(entry.value.at, owner + " wants a map, not " + std::string(entry.value.what()),
                         "write {type: …}");
      continue;
    }
    model.unknown_types = known;
    std::vector<Override> inner = apply_overrides(model, entry.value, owner, own);
    for (Entry& key : entry.value.entries)
      if (key.key != "nodes" && key.key != "in" && key.key != "out" && key.key != "foreach" && key.key != "use")
        key.value = variables.substituted(key.value, model.report);
    frame.refused.erase(written.key);
    const bool is_group = entry.value.find("part") != nullptr || entry.value.find("nodes") != nullptr ||
                          entry.value.find("foreach") != nullptr;
    if (is_group) {
      expand_group(model, frame, entry, variables, std::move(inner));
    } else {
      expand_stage(model, frame, entry);
    }
  }
  for (const Override& o : overrides) {
    const std::string where = frame.group != nullptr ? "'" + frame.group->full + "' has no node '" : "no node '";
    model.report.error(o.setting->places[o.next], where + o.setting->path[o.next] + "'",
                       config::suggestion(o.setting->path[o.next], names));
  }
}

void expand(Model& model, const Tree& pipeline, const std::vector<Setting>& all) {
  model.scopes.push_back({});
  Frame* root = model.add_frame(nullptr, nullptr, 0, "");
  model.top = pipeline.at;
  if (const Tree* name = pipeline.find("pipeline")) {
    if (name->is_scalar()) {
      model.name = name->text;
    } else if (!name->broken) {
      model.report.error(name->at, "'pipeline' wants a name");
    }
  }
  Settings settings(model, pipeline, all);
  read_params(model, pipeline, settings.params);
  read_run(model, pipeline, settings.run);
  read_resources(model, *root, pipeline, settings.resources);
  const Entry* nodes = pipeline.entry("nodes");
  if (nodes == nullptr) {
    model.report.error(pipeline.at, "key 'nodes' is missing: nothing to run");
    model.unknown_types = true;
    return;
  }
  model.nodes_at = nodes->key_at;
  expand_nodes(model, *root, &nodes->value, model.variables, std::move(settings.nodes));
}

}  // namespace dfpipe::plan
