#include "plan/overrides.hpp"

#include <algorithm>

namespace dfpipe::plan {

using config::Setting;

namespace {

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

}  // namespace

Override followed(const Override& override) { return {override.setting, override.next + 1}; }

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

}  // namespace dfpipe::plan
