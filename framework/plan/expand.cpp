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
    std::string hint = config::suggestion_or_list(name, model.variables.names(), "there are", "the pipeline has none");
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
    config::set_at(run, {o.setting->path.begin() + static_cast<std::ptrdiff_t>(o.next), o.setting->path.end()},
                   o.setting->value, o.setting->places[o.next]);
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

bool is_node_name(const std::string& name) {
  const auto fits = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; };
  return !name.empty() && name.size() <= 100 && std::ranges::all_of(name, fits) &&
         name.find_first_of("./${}[]\"'\\#:,=") == std::string::npos;
}

/// A group with a type is two things at once; what else is wrong with it as a group is said too.
void take_out_type(Tree& group, const std::string& owner, config::Reporter& report) {
  const Entry* type = group.entry("type");
  if (type == nullptr) return;
  const char* other = "foreach";
  for (const char* key : {"nodes", "part"})
    if (group.find(key) != nullptr) other = key;
  report.error(type->key_at, owner + " has both 'type' and '" + other + "'",
               "a node has a type; a part or foreach has nodes of its own");
  std::erase_if(group.entries, [](const Entry& e) { return e.key == "type"; });
}

/// False, and reported, when an entry of `nodes:` is no node at all.
bool is_node(const Entry& entry, const std::string& owner, config::Reporter& report) {
  if (!is_node_name(entry.key)) {
    report.error(entry.key_at, owner + ": a name is made of letters, digits, '-' and '_'",
                 config::glued_colon(entry.key));
    return false;
  }
  if (entry.value.is_map() || entry.value.broken) return !entry.value.broken;
  report.error(entry.value.at, owner + " wants a map, not " + std::string(entry.value.what()), "write {type: …}");
  return false;
}

/// Takes out of `all` what is meant for the node.
std::vector<Override> taken(std::vector<Override>& all, const std::string& node) {
  std::vector<Override> own;
  std::erase_if(all, [&](const Override& o) {
    if (o.setting->path[o.next] != node) return false;
    own.push_back(followed(o));
    return true;
  });
  return own;
}

bool is_group(const Tree& node) {
  return node.find("part") != nullptr || node.find("nodes") != nullptr || node.find("foreach") != nullptr;
}

}  // namespace

void expand_nodes(Model& model, Frame& frame, const Tree* nodes, config::Variables& variables,
                  std::vector<Override> overrides) {
  std::vector<std::string> names;
  for (const Entry& written : named_entries(nodes, "'nodes'", model.report)) {
    names.push_back(written.key);
    const std::vector<Override> own = taken(overrides, written.key);
    const std::string owner = "node '" + written.key + "'";
    const bool too_many = model.drafts.size() + model.groups.size() >= most_nodes;
    if (too_many) model.report.error(written.key_at, "more than " + std::to_string(most_nodes) + " nodes");
    if (too_many || !is_node(written, owner, model.report)) {
      frame.refused.insert(written.key);
      model.unknown_types = true;
      if (too_many) return;
      continue;
    }
    Entry entry = written;
    std::vector<Override> inner = apply_overrides(model, entry.value, owner, own);
    for (Entry& key : entry.value.entries)
      if (key.key != "nodes" && key.key != "in" && key.key != "out" && key.key != "foreach" && key.key != "use")
        key.value = variables.substituted(key.value, model.report);
    if (is_group(entry.value)) {
      take_out_type(entry.value, owner, model.report);
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
  if (const Tree* about = pipeline.find("about"); about != nullptr && !about->is_scalar() && !about->broken)
    model.report.error(about->at, "'about' wants a sentence");
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
