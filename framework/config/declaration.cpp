#include "config/declaration.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/scalars.hpp"

namespace dfpipe::config {
namespace {

/// Reports a key that could only be ignored for a parameter of this type.
void refuse_idle(const Tree& declaration, const std::string& key, const std::vector<std::string>& types,
                 const std::string& type, const std::string& owner, Reporter& report) {
  const Entry* entry = declaration.entry(key);
  if (entry == nullptr || std::ranges::find(types, type) != types.end()) return;
  std::string all;
  for (const std::string& t : types) all += (all.empty() ? "" : ", ") + t;
  report.error(entry->key_at, owner + ": '" + key + "' means nothing for " + type, "it belongs to " + all);
}

std::string read_text(const Tree& declaration, const char* key, const std::string& owner, Reporter& report) {
  const Tree* tree = declaration.find(key);
  if (tree == nullptr || tree->broken) return {};
  if (!tree->is_scalar())
    report.error(tree->at, owner + ": '" + key + "' wants text, not " + std::string(tree->what()));
  return tree->text;
}

void read_limit(const Tree& declaration, const char* key, double& limit, const std::string& owner, Reporter& report) {
  const Tree* tree = declaration.find(key);
  if (tree == nullptr || tree->broken) return;
  if (const auto value = as_real(*tree)) {
    limit = *value;
  } else {
    report.error(tree->at, owner + ": '" + key + "' wants a number");
  }
}

const Tree* known_type(const Entry& entry, const std::string& owner, Reporter& report) {
  std::vector<std::string> types;
  for (const auto& [name, value] : parameter_types()) types.push_back(name);
  const Tree* type = entry.value.find("type");
  if (type == nullptr) {
    report.error(entry.key_at, owner + " has no type", suggestion_or_list("", types, "add type, one of", ""));
    return nullptr;
  }
  if (type->is_scalar() && parameter_types().contains(type->text)) return type;
  if (!type->broken)
    report.error(type->at, owner + ": unknown type '" + type->text + "'",
                 suggestion_or_list(type->text, types, "one of", ""));
  return nullptr;
}

bool read_limits(const Tree& declaration, ParamHelp& help, const std::string& owner, Reporter& report) {
  read_limit(declaration, "min", help.min, owner, report);
  read_limit(declaration, "max", help.max, owner, report);
  if (help.min <= help.max) return true;
  report.error(declaration.find("min")->at, owner + ": 'min' is more than 'max'");
  return false;
}

bool read_choices(const Tree& declaration, const Tree& type, ParamHelp& help, const std::string& owner,
                  Reporter& report) {
  const Tree* choices = declaration.find("choices");
  if (choices != nullptr && choices->is_list()) {
    for (const Tree& choice : choices->items) {
      if (!choice.is_scalar()) report.error(choice.at, owner + ": a choice is text, not " + std::string(choice.what()));
      help.choices.push_back(choice.text);
    }
  } else if (choices != nullptr && !choices->broken) {
    report.error(choices->at, owner + ": 'choices' wants a list: [a, b]");
    return false;
  }
  if (type.text != "choice" || !help.choices.empty()) return true;
  report.error(type.at, owner + ": a choice wants 'choices'", "add choices: [a, b]");
  return false;
}

}  // namespace

const std::map<std::string, ParamValue>& parameter_types() {
  static const std::map<std::string, ParamValue> values{{"boolean", false},
                                                        {"integer", std::int64_t{0}},
                                                        {"real", 0.0},
                                                        {"text", std::string()},
                                                        {"choice", std::string()},
                                                        {"path", std::filesystem::path()},
                                                        {"texts", std::vector<std::string>()},
                                                        {"reals", std::vector<double>()}};
  return values;
}

std::optional<ParamSpec> read_declaration(const Entry& entry, Reporter& report) {
  const std::string owner = "parameter '" + entry.key + "'";
  const Tree& declaration = entry.value;
  if (declaration.broken) return std::nullopt;
  if (entry.key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
      std::string::npos) {
    report.error(entry.key_at, owner + ": a name is made of letters, digits, '-' and '_'", glued_colon(entry.key));
    return std::nullopt;
  }
  if (!declaration.is_map()) {
    report.error(declaration.at, owner + " wants a map, not " + std::string(declaration.what()),
                 "write {type: text, default: …}");
    return std::nullopt;
  }
  check_keys(declaration, {"type", "default", "about", "unit", "min", "max", "choices", "output"}, owner, report);
  const Tree* type = known_type(entry, owner, report);
  if (type == nullptr) return std::nullopt;

  const ParamValue& empty = parameter_types().at(type->text);
  ParamSpec spec{entry.key, {}, empty, empty};
  ParamHelp& help = spec.help;
  for (const char* key : {"min", "max"})
    refuse_idle(declaration, key, {"integer", "real", "reals"}, type->text, owner, report);
  refuse_idle(declaration, "choices", {"choice", "text", "texts"}, type->text, owner, report);
  refuse_idle(declaration, "output", {"path"}, type->text, owner, report);
  help.about = read_text(declaration, "about", owner, report);
  help.unit = read_text(declaration, "unit", owner, report);
  if (const Tree* output = declaration.find("output")) {
    const auto value = as_boolean(*output);
    if (!value) report.error(output->at, owner + ": 'output' wants true or false");
    help.output = value.value_or(false);
  }
  const bool limits = read_limits(declaration, help, owner, report);
  const bool choices = read_choices(declaration, *type, help, owner, report);
  return limits && choices ? std::optional(std::move(spec)) : std::nullopt;
}

}  // namespace dfpipe::config
