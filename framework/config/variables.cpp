#include "config/variables.hpp"

#include <algorithm>
#include <utility>

#include "config/declaration.hpp"
#include "config/scalars.hpp"

namespace dfpipe::config {
namespace {

constexpr std::size_t most_text = std::size_t{4} << 20;

bool is_textual(const ParamSpec& spec) {
  return std::holds_alternative<std::string>(spec.value) || std::holds_alternative<std::filesystem::path>(spec.value);
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

void Variables::declare(const Tree& params, Reporter& report) {
  if (params.broken || params.kind == Tree::Kind::null) return;
  if (!params.is_map()) {
    report.error(params.at, "'params' wants a map of names, not " + std::string(params.what()));
    return;
  }
  for (const Entry& entry : params.entries) declare_one(entry, report);
}

void Variables::declare_one(const Entry& entry, Reporter& report) {
  auto spec = read_declaration(entry, report);
  if (!spec) {
    refused_.push_back(entry.key);
    return;
  }
  Variable variable{std::move(*spec), entry.key_at, {}};
  if (const Tree* given = entry.value.find("default")) {
    variable.value = *given;
    variable.has_value = true;
  }
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
