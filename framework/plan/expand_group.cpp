#include "plan/expand_group.hpp"

#include <algorithm>
#include <utility>

#include "config/paths.hpp"
#include "config/scalars.hpp"

/// Parts and foreach: a frame of its own, with inputs, outputs, resources and parameters handed in by name.
namespace dfpipe::plan {

using config::Entry;
using config::Reporter;

namespace {

constexpr int deepest_part = 32;

class GroupReader {
 public:
  GroupReader(Model& model, Frame& outside, const Entry& entry)
      : model_(model), report_(model.report), outside_(outside), entry_(entry), owner_("node '" + entry.key + "'") {}

  void read(config::Variables& variables, std::vector<Override> inner) {
    const Tree& tree = entry_.value;
    outside_.refused.insert(entry_.key);
    const Tree* part_name = tree.find("part");
    if (!check_shape(part_name)) return;
    const Tree* part = nullptr;
    if (part_name != nullptr) {
      if (part_name->broken || !may_open(*part_name)) return;
      part = model_.parts.read(*part_name);
      if (part == nullptr) {
        model_.unknown_types = true;
        return;
      }
    }
    make_group(part_name);
    read_foreach();
    read_in();
    read_max_live();
    if (part != nullptr) {
      group_->part_name = part->find("part")->text;
      declare_inputs(*part);
      bind_declared_uses(*part);
      read_out(part->find("out"));
      config::Variables own;
      fill_params(*part, own);
      expand_nodes(model_, *group_->inside, nodes_of(*part), own, std::move(inner));
    } else {
      bind_uses();
      read_out(tree.find("out"));
      expand_nodes(model_, *group_->inside, tree.find("nodes"), variables, std::move(inner));
    }
  }

 private:
  bool check_shape(const Tree* part_name) {
    const Tree& tree = entry_.value;
    std::vector<std::string> allowed{"foreach", "part", "nodes", "in", "use", "enabled"};
    if (tree.find("foreach") != nullptr) allowed.emplace_back("max_live");
    if (part_name != nullptr) allowed.emplace_back("with");
    if (part_name == nullptr) allowed.emplace_back("out");
    config::check_keys(tree, allowed, owner_ + " (" + (tree.find("foreach") != nullptr ? "foreach" : "part") + ")",
                       report_);
    if (part_name == nullptr && tree.find("nodes") == nullptr) {
      report_.error(entry_.key_at, owner_ + ": foreach wants 'part' or 'nodes'");
      model_.unknown_types = true;
      return false;
    }
    if (part_name != nullptr && tree.find("nodes") != nullptr) {
      report_.error(tree.entry("nodes")->key_at, owner_ + " has both 'part' and 'nodes'");
      return false;
    }
    if (part_name != nullptr && (!part_name->is_scalar() || part_name->text.empty()) && !part_name->broken) {
      report_.error(part_name->at, owner_ + ": 'part' wants the name of a file");
      return false;
    }
    return true;
  }

  /// False when the part would contain itself.
  bool may_open(const Tree& name) {
    const std::string file = config::absolute_path(config::Parts::file_of(name)).string();
    int depth = 0;
    for (const Frame* f = &outside_; f != nullptr; f = f->group != nullptr ? f->group->outside : nullptr, ++depth) {
      const bool same = f->group != nullptr && f->group->part == file;
      if (!same && depth < deepest_part) continue;
      report_.error(name.at, same ? owner_ + ": the part contains itself"
                                  : "parts within parts, more than " + std::to_string(deepest_part) + " deep");
      model_.unknown_types = true;
      return false;
    }
    return true;
  }

  void make_group(const Tree* part_name) {
    auto owned = std::make_unique<Group>();
    group_ = owned.get();
    model_.groups.push_back(std::move(owned));
    group_->name = entry_.key;
    group_->full = outside_.prefix + entry_.key;
    group_->at = entry_.key_at;
    group_->outside = &outside_;
    group_->enabled = outside_.enabled && read_enabled(entry_.value, owner_, report_);
    for (const char* key : {"enabled", "max_live", "part"}) {
      if (const Tree* value = entry_.value.find(key)) {
        group_->origins[key] = origin_text(*value);
        group_->places[key] = value->at;
      }
    }
    int scope = outside_.scope;
    if (entry_.value.find("foreach") != nullptr) {
      group_->foreach = model_.add_draft(outside_, entry_.key, entry_.key_at);
      group_->foreach->group = group_;
      group_->foreach->type = "foreach";
      group_->foreach->enabled = group_->enabled;
      scope = group_->child_scope = static_cast<int>(model_.scopes.size());
      model_.scopes.push_back({outside_.scope, group_->foreach});
    }
    Frame* lexical = part_name == nullptr ? &outside_ : nullptr;
    group_->inside = model_.add_frame(lexical, group_, scope, group_->full + "/");
    group_->inside->enabled = group_->enabled;
    if (part_name != nullptr) group_->part = config::absolute_path(config::Parts::file_of(*part_name)).string();
    outside_.refused.erase(entry_.key);
    outside_.members.push_back({entry_.key, {group_->foreach, group_}});
  }

  static Alias alias_of(const Entry& entry) {
    Alias alias;
    alias.name = entry.key;
    alias.at = entry.key_at;
    alias.ref = entry.value;
    return alias;
  }

  void read_foreach() {
    const Tree* lists = entry_.value.find("foreach");
    if (lists == nullptr) return;
    for (const Entry& entry : named_entries(lists, owner_ + ": 'foreach'", report_)) {
      group_->foreach->inputs.push_back(alias_of(entry));
      group_->origins["foreach." + entry.key] = origin_text(entry.value);
    }
    if (group_->foreach->inputs.empty() && !lists->broken && (lists->is_map() || lists->kind == Tree::Kind::null))
      report_.error(entry_.value.entry("foreach")->key_at, owner_ + ": foreach names no list",
                    "write foreach: {face: faces.faces}");
  }

  void read_in() {
    for (const Entry& entry : named_entries(entry_.value.find("in"), owner_ + ": 'in'", report_)) {
      if (group_->foreach != nullptr &&
          std::ranges::find(group_->foreach->inputs, entry.key, &Alias::name) != group_->foreach->inputs.end()) {
        report_.error(entry.key_at, owner_ + ": '" + entry.key + "' is given by foreach already");
        continue;
      }
      group_->inputs.push_back(alias_of(entry));
      group_->origins["in." + entry.key] = origin_text(entry.value);
    }
  }

  void read_max_live() {
    if (group_->foreach == nullptr) return;
    group_->max_live = read_count(entry_.value, "max_live", owner_, report_);
  }

  void declare(std::vector<Alias>& given, const std::vector<Entry>& declared, const std::string& part,
               std::set<std::string>& found) {
    for (Alias& alias : given) {
      const auto entry = std::ranges::find(declared, alias.name, &Entry::key);
      if (entry == declared.end()) {
        std::vector<std::string> names;
        for (const Entry& d : declared) names.push_back(d.key);
        report_.error(alias.at, owner_ + ": part '" + part + "' has no input '" + alias.name + "'",
                      config::suggestion(alias.name, names));
        continue;
      }
      found.insert(alias.name);
      if (entry->value.is_scalar() && is_port_type(entry->value.text)) {
        alias.wanted_type = entry->value.text;
        alias.wanted_at = entry->value.at;
      }
    }
  }

  void declare_inputs(const Tree& part) {
    const std::string name = part.find("part")->text;
    const std::vector<Entry>& declared = named_entries(part.find("in"), "part '" + name + "': 'in'", report_);
    std::set<std::string> found;
    if (group_->foreach != nullptr) declare(group_->foreach->inputs, declared, name, found);
    declare(group_->inputs, declared, name, found);
    for (const Entry& entry : declared) {
      if (!entry.value.is_scalar() && !entry.value.broken)
        report_.error(entry.value.at, "part '" + name + "': input '" + entry.key + "' wants the name of a type");
      if (entry.value.is_scalar() && !is_port_type(entry.value.text))
        report_.error(entry.value.at,
                      "part '" + name + "': input '" + entry.key + "': unknown port type '" + entry.value.text + "'",
                      config::suggestion(entry.value.text, {port_types().begin(), port_types().end()}));
      if (found.contains(entry.key)) continue;
      group_->refused_inputs.insert(entry.key);
      report_.error(entry_.key_at,
                    owner_ + ": part '" + name + "' needs input '" + entry.key + "' (" + entry.value.text + ")",
                    "add in: {" + entry.key + ": …}");
    }
  }

  /// Every type that some node's port has, and the elements of lists.
  const std::set<std::string>& port_types() {
    if (!port_types_.empty()) return port_types_;
    for (const auto& [name, type] : model_.registry.nodes())
      for (const auto* ports : {&type.prototype->inputs(), &type.prototype->outputs()})
        for (const PortSpec& port : *ports)
          for (std::string_view t = port.type; !t.empty(); t = element_type(t)) port_types_.emplace(t);
    return port_types_;
  }
  /// A foreach makes lists of everything.
  bool is_port_type(std::string_view type) {
    return port_types().contains(std::string(type)) ||
           (!element_type(type).empty() && is_port_type(element_type(type)));
  }

  ResourceDraft* use(const Entry& given) {
    group_->uses.emplace_back(given.key, given.value.text);
    group_->origins["use." + given.key] = origin_text(given.value);
    ResourceDraft* resource = find_resource(model_, outside_, given.value, owner_ + ": '" + given.key + "'");
    if (resource == nullptr) {
      group_->inside->refused_resources.insert(given.key);
    } else {
      group_->inside->resources[given.key] = resource;
    }
    return resource;
  }

  void bind_uses() {
    for (const Entry& given : named_entries(entry_.value.find("use"), owner_ + ": 'use'", report_)) use(given);
  }

  void bind_declared_uses(const Tree& part) {
    const std::string name = part.find("part")->text;
    const std::vector<Entry>& declared = named_entries(part.find("use"), "part '" + name + "': 'use'", report_);
    std::vector<std::string> names;
    for (const Entry& entry : declared) names.push_back(entry.key);
    std::set<std::string> found;
    for (const Entry& given : named_entries(entry_.value.find("use"), owner_ + ": 'use'", report_)) {
      const auto wanted = std::ranges::find(declared, given.key, &Entry::key);
      if (wanted == declared.end()) {
        report_.error(given.key_at, owner_ + ": part '" + name + "' uses no '" + given.key + "'",
                      config::suggestion(given.key, names));
        continue;
      }
      found.insert(given.key);
      const ResourceDraft* resource = use(given);
      if (resource == nullptr || wanted->value.text == resource->type || !known_kind(wanted->value)) continue;
      report_.error(given.value.at, owner_ + ": '" + given.key + "' wants a resource of type " + wanted->value.text +
                                        ", '" + given.value.text + "' is of type " + resource->type);
      // The nodes inside would only say the same again.
      group_->inside->resources.erase(given.key);
      group_->inside->refused_resources.insert(given.key);
    }
    for (const Entry& entry : declared) {
      if (!known_kind(entry.value))
        report_.error(entry.value.at, "part '" + name + "': unknown type of resource '" + entry.value.text + "'",
                      kind_hint(entry.value));
      if (found.contains(entry.key)) continue;
      group_->inside->refused_resources.insert(entry.key);
      report_.error(entry_.key_at,
                    owner_ + ": part '" + name + "' needs a resource '" + entry.key + "' of type " + entry.value.text,
                    "add use: {" + entry.key + ": …}");
    }
  }

  bool known_kind(const Tree& type) const {
    return type.broken || (type.is_scalar() && model_.registry.resource(type.text) != nullptr);
  }
  std::string kind_hint(const Tree& type) const {
    std::vector<std::string> names;
    for (const auto& [name, kind] : model_.registry.resources()) names.push_back(name);
    return config::suggestion(type.text, names);
  }

  void read_out(const Tree* out) {
    for (const Entry& entry : named_entries(out, owner_ + ": 'out'", report_)) {
      group_->outputs.push_back(alias_of(entry));
      group_->origins["out." + entry.key] = origin_text(entry.value);
    }
  }

  void fill_params(const Tree& part, config::Variables& own) {
    if (const Tree* params = part.find("params")) own.declare(*params, report_);
    const std::string name = part.find("part")->text;
    for (const Entry& given : named_entries(entry_.value.find("with"), owner_ + ": 'with'", report_)) {
      if (config::Variable* variable = own.find(given.key)) {
        own.give(*variable, given.value);
      } else {
        report_.error(given.key_at, owner_ + ": part '" + name + "' has no parameter '" + given.key + "'",
                      config::suggestion(given.key, own.names()));
      }
    }
    own.resolve(entry_.key_at, owner_ + ": part '" + name + "': ", report_);
  }

  const Tree* nodes_of(const Tree& part) {
    const Tree* nodes = part.find("nodes");
    if (nodes == nullptr) report_.error(part.at, "key 'nodes' is missing: the part does nothing");
    return nodes;
  }

  Model& model_;
  Reporter& report_;
  Frame& outside_;
  const Entry& entry_;
  std::string owner_;
  Group* group_ = nullptr;
  std::set<std::string> port_types_;
};

}  // namespace

void expand_group(Model& model, Frame& frame, const Entry& entry, config::Variables& variables,
                  std::vector<Override> inner) {
  GroupReader(model, frame, entry).read(variables, std::move(inner));
}

}  // namespace dfpipe::plan
