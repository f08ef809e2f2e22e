#include "config/variables.hpp"

#include <algorithm>
#include <utility>

#include "config/scalars.hpp"

namespace dfpipe::config {
namespace {

constexpr std::size_t most_text = std::size_t{4} << 20;

bool is_textual(const ParamSpec& spec) {
  return std::holds_alternative<std::string>(spec.value) || std::holds_alternative<std::filesystem::path>(spec.value);
}

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

/// Where the name in "${name}" at `start` ends, or npos.
std::size_t end_of_name(const std::string& text, std::size_t start) { return text.find('}', start + 2); }

/// The value's place, moved to byte `offset` of its text when the text stands in the file as it is.
Origin inside(const Tree& scalar, std::size_t offset) {
  Origin at = scalar.at;
  const std::string line = at.source_line();
  const std::size_t start = static_cast<std::size_t>(std::max(at.column, 1)) - 1 + (scalar.quoted ? 1 : 0);
  if (start < line.size() && line.compare(start, scalar.text.size(), scalar.text) == 0)
    at.column = static_cast<int>(start + offset) + 1;
  return at;
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

void Variables::declare(const Tree& params, Reporter& report) {
  if (params.broken || params.kind == Tree::Kind::null) return;
  if (!params.is_map()) {
    report.error(params.at, "'params' wants a map of names, not " + std::string(params.what()));
    return;
  }
  for (const Entry& entry : params.entries) declare_one(entry, report);
}

void Variables::declare_one(const Entry& entry, Reporter& report) {
  const std::string owner = "parameter '" + entry.key + "'";
  const Tree& declaration = entry.value;
  refused_.push_back(entry.key);
  if (declaration.broken) return;
  if (entry.key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
      std::string::npos) {
    report.error(entry.key_at, owner + ": a name is made of letters, digits, '-' and '_'", glued_colon(entry.key));
    return;
  }
  if (!declaration.is_map()) {
    report.error(declaration.at, owner + " wants a map, not " + std::string(declaration.what()),
                 "write {type: text, default: …}");
    return;
  }
  check_keys(declaration, {"type", "default", "about", "unit", "min", "max", "choices", "output"}, owner, report);
  const Tree* type = declaration.find("type");
  if (type == nullptr) {
    report.error(entry.key_at, owner + " has no type",
                 "add type: path, text, integer, real, boolean, choice, texts or reals");
    return;
  }
  const auto empty = parameter_types().find(type->text);
  if (!type->is_scalar() || empty == parameter_types().end()) {
    std::vector<std::string> types;
    for (const auto& [name, value] : parameter_types()) types.push_back(name);
    std::string hint = suggestion(type->text, types);
    report.error(type->at, owner + ": unknown type '" + type->text + "'",
                 hint.empty() ? "one of: boolean, choice, integer, path, real, reals, text, texts" : hint);
    return;
  }
  Variable variable{{entry.key, {}, empty->second, empty->second}, entry.key_at, {}};
  ParamHelp& help = variable.spec.help;
  help.about = read_text(declaration, "about", owner, report);
  help.unit = read_text(declaration, "unit", owner, report);
  for (const char* key : {"min", "max"})
    refuse_idle(declaration, key, {"integer", "real", "reals"}, type->text, owner, report);
  refuse_idle(declaration, "choices", {"choice", "text", "texts"}, type->text, owner, report);
  refuse_idle(declaration, "output", {"path"}, type->text, owner, report);
  read_limit(declaration, "min", help.min, owner, report);
  read_limit(declaration, "max", help.max, owner, report);
  if (help.min > help.max) {
    report.error(declaration.find("min")->at, owner + ": 'min' is more than 'max'");
    return;
  }
  if (const Tree* output = declaration.find("output")) {
    const auto value = as_boolean(*output);
    if (!value) report.error(output->at, owner + ": 'output' wants true or false");
    help.output = value.value_or(false);
  }
  const Tree* choices = declaration.find("choices");
  if (choices != nullptr && choices->is_list()) {
    for (const Tree& choice : choices->items) {
      if (!choice.is_scalar()) report.error(choice.at, owner + ": a choice is text, not " + std::string(choice.what()));
      help.choices.push_back(choice.text);
    }
  } else if (choices != nullptr && !choices->broken) {
    report.error(choices->at, owner + ": 'choices' wants a list: [a, b]");
    return;
  }
  if (type->text == "choice" && help.choices.empty()) {
    report.error(type->at, owner + ": a choice wants 'choices'", "add choices: [a, b]");
    return;
  }
  if (const Tree* given = declaration.find("default")) {
    variable.value = *given;
    variable.has_value = true;
  }
  refused_.pop_back();
  all_.push_back(std::move(variable));
}

Variable* Variables::find(const std::string& name) {
  const auto found = std::ranges::find_if(all_, [&](const Variable& v) { return v.spec.name == name; });
  return found == all_.end() ? nullptr : &*found;
}

void Variables::give(Variable& variable, Tree value) {
  variable.value = std::move(value);
  variable.has_value = true;
}

std::vector<std::string> Variables::names() const {
  std::vector<std::string> names;
  for (const Variable& v : all_) names.push_back(v.spec.name);
  return names;
}

void Variables::resolve(const Origin& asked_at, const std::string& owner, Reporter& report) {
  owner_ = owner;
  for (Variable& variable : all_) {
    if (!variable.has_value) {
      const std::string& name = variable.spec.name;
      report.error(
          asked_at.source ? asked_at : variable.at, owner + "parameter '" + name + "' has no value",
          asked_at.source ? "give it in with: {" + name + ": …}" : "give it a default, or --set " + name + "=…");
      variable.value = Tree::broken_at(variable.at);
      variable.state = Variable::State::done;
    }
    settle(variable, report);
  }
}

void Variables::settle(Variable& variable, Reporter& report) {
  if (variable.state == Variable::State::done) return;
  if (variable.state == Variable::State::visiting) {
    std::string circle;
    for (auto step = std::ranges::find(path_, variable.spec.name); step != path_.end(); ++step) circle += *step + " → ";
    report.error(variable.value.at,
                 "parameter '" + variable.spec.name + "' is defined by itself: " + circle + variable.spec.name);
    variable.value = Tree::broken_at(variable.at);
    variable.state = Variable::State::done;
    return;
  }
  constexpr std::size_t deepest = 100;
  if (path_.size() >= deepest) {
    report.error(variable.value.at, "more than " + std::to_string(deepest) + " parameters, each defined by the next");
    variable.value = Tree::broken_at(variable.at);
    variable.state = Variable::State::done;
    return;
  }
  variable.state = Variable::State::visiting;
  path_.push_back(variable.spec.name);
  Tree value = substituted(variable.value, report);
  path_.pop_back();
  if (variable.state == Variable::State::done) return;  // found to be circular on the way
  variable.state = Variable::State::done;
  variable.value = std::move(value);
  if (!assign(variable.spec, variable.value, owner_ + "parameter '" + variable.spec.name + "'", report)) {
    variable.value = Tree::broken_at(variable.at);
    return;
  }
  if (variable.value.is_scalar()) variable.value.quoted = is_textual(variable.spec);
  if (variable.spec.help.output) variable.value.base.emplace();
  variable.value.param = variable.spec.name;
}

Variable* Variables::named(const std::string& name, const Origin& at, Reporter& report) {
  Variable* variable = find(name);
  if (variable == nullptr) {
    if (std::ranges::find(refused_, name) == refused_.end())
      report.error(at, "no parameter '" + name + "'", suggestion(name, names()));
    return nullptr;
  }
  variable->used = true;
  settle(*variable, report);
  return variable;
}

Tree Variables::substituted(const Tree& tree, Reporter& report) {
  if (tree.is_scalar()) return in_scalar(tree, report);
  Tree out = tree;
  for (Tree& item : out.items) item = substituted(item, report);
  for (Entry& entry : out.entries) entry.value = substituted(entry.value, report);
  return out;
}

Tree Variables::in_scalar(const Tree& scalar, Reporter& report) {
  const std::string& text = scalar.text;
  if (text.find("${") == std::string::npos) return scalar;
  Tree out = scalar;
  out.text.clear();
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 3, "$${") == 0) {
      out.text += "${";
      i += 3;
      continue;
    }
    if (text.compare(i, 2, "${") != 0) {
      out.text += text[i++];
      continue;
    }
    const std::size_t end = end_of_name(text, i);
    if (end == std::string::npos) {
      report.error(inside(scalar, i), "'${' without '}'", "write $${ for the two characters themselves");
      return Tree::broken_at(scalar.at);
    }
    Variable* variable = named(text.substr(i + 2, end - i - 2), inside(scalar, i), report);
    if (variable == nullptr || variable->value.broken) return Tree::broken_at(scalar.at);
    const Tree& value = variable->value;
    produced_ += value.text.size();
    if (produced_ > most_text) {
      report.error(scalar.at, "the parameters' values come to more than 4 MiB of text");
      return Tree::broken_at(scalar.at);
    }
    if (i == 0 && end + 1 == text.size()) {
      Tree whole = value;
      whole.used_at = scalar.at;
      return whole;
    }
    if (!value.is_scalar()) {
      report.error(inside(scalar, i), "parameter '" + variable->spec.name + "' is a list and cannot stand within text");
      return Tree::broken_at(scalar.at);
    }
    // "${folder}/list.txt" lies where the folder lies.
    if (i == 0) out.base = value.base ? value.base : std::optional(value.at.source->root);
    out.text += value.text;
    i = end + 1;
  }
  return out;
}

}  // namespace dfpipe::config
