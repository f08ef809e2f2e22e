#include "cli/command_options.hpp"

#include <algorithm>
#include <cctype>

#include "cli/describe.hpp"
#include "config/scalars.hpp"
#include "config/utf8.hpp"
#include "registry/option_name.hpp"

namespace dfpipe::cli {
namespace {

bool is_list(const ParamSpec& spec) { return spec.type() == "texts" || spec.type() == "reals"; }

/// "how bright (1 … 9 lm; default 5)"
std::string help_text(const ParamSpec& spec) {
  std::string facts = limits_text(spec);
  const std::string usual = spec.help.required ? "" : typed_text(spec.default_value);
  if (!usual.empty()) facts += (facts.empty() ? "" : "; ") + ("default " + usual);
  return spec.help.about + (facts.empty() ? "" : " (" + facts + ")");
}

std::string type_name(const ParamSpec& spec) {
  std::string name(is_list(spec) ? spec.type().substr(0, spec.type().size() - 1) : spec.type());
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

/// The pieces between the commas.
std::vector<std::string> pieces(const std::string& text) {
  std::vector<std::string> all;
  std::size_t start = 0;
  for (std::size_t comma = 0; (comma = text.find(',', start)) != std::string::npos; start = comma + 1)
    all.push_back(text.substr(start, comma - start));
  all.push_back(text.substr(start));
  return all;
}

/// One value by the rules of pipeline files.
std::optional<std::string> assign_text(ParamSpec& spec, const std::string& text, const std::string& name) {
  const bool path = std::holds_alternative<std::filesystem::path>(spec.value);
  if (text.empty() && (path || is_list(spec))) return name + " is empty";
  if (!path && !config::is_utf8(text)) return name + " is not UTF-8 text";
  config::Diagnostics diagnostics;
  config::Reporter report(diagnostics);
  config::Tree value = config::Tree::scalar(text, {config::command_line_source(text), 0, 0});
  value.base = std::filesystem::path();  // the working directory
  if (config::assign(spec, value, name, report)) return std::nullopt;
  const config::Diagnostic& wrong = diagnostics.all().front();
  return wrong.message + (wrong.hint.empty() ? "" : "; " + wrong.hint);
}

template <class T>
std::optional<std::string> assign_list(ParamSpec& spec, const std::vector<std::string>& values,
                                       const std::string& name) {
  std::vector<T> list;
  for (const std::string& value : values)
    for (const std::string& piece : spec.help.positional ? std::vector{value} : pieces(value)) {
      if (piece.empty()) return name + " holds an empty piece";
      ParamSpec element{spec.name, spec.help, T{}, T{}};
      if (auto wrong = assign_text(element, piece, name)) return wrong;
      list.push_back(std::get<T>(element.value));
    }
  if (auto wrong = spec.assign(list)) return name + ": " + *wrong;
  return std::nullopt;
}

}  // namespace

CommandOptions::CommandOptions(CLI::App& app, const ParamSet& params) {
  for (const ParamSpec& spec : params.specs()) {
    Given& given = all_.emplace_back(Given{.spec = &spec, .values = {}});
    const std::string name = registry::option_name(spec);
    if (spec.type() == "boolean") {
      const std::string about = std::get<bool>(spec.default_value) ? "switch off: " + spec.help.about : spec.help.about;
      given.option = app.add_flag(name, given.flag, about);
      continue;
    }
    given.option = app.add_option(name, given.values, help_text(spec));
    given.option->type_name(type_name(spec))->required(spec.help.required);
    given.option->allow_extra_args(is_list(spec) && spec.help.positional);
    if (!is_list(spec)) given.option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
}

std::optional<std::string> CommandOptions::assign_to(ParamSet& params) const {
  for (const Given& given : all_) {
    if (given.option->empty()) continue;
    ParamSpec& spec = *params.find(given.spec->name);
    const std::string name = registry::option_name(spec);
    std::optional<std::string> wrong;
    if (spec.type() == "boolean") {
      spec.value = given.flag != std::get<bool>(spec.default_value);
    } else if (spec.type() == "texts") {
      wrong = assign_list<std::string>(spec, given.values, name);
    } else if (spec.type() == "reals") {
      wrong = assign_list<double>(spec, given.values, name);
    } else {
      wrong = assign_text(spec, given.values.front(), name);
    }
    if (wrong) return wrong;
  }
  return std::nullopt;
}

}  // namespace dfpipe::cli
