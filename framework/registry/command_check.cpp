#include "registry/command_check.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "registry/descriptor_check.hpp"
#include "registry/option_name.hpp"

namespace dfpipe::registry {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool is_command_word(std::string_view word) {
  return !word.empty() && is_lower(word.front()) &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string with_hyphens(std::string name) {
  std::ranges::replace(name, ' ', '-');
  return name;
}

/// Arguments without names are told apart by their order alone.
std::optional<std::string> why_not_in_order(const std::vector<const ParamSpec*>& positional) {
  for (std::size_t i = 0; i < positional.size(); ++i) {
    const ParamSpec& spec = *positional[i];
    if (spec.type() == "boolean") return "with a boolean '" + spec.name + "' that is positional";
    if (i == 0) continue;
    const ParamSpec& before = *positional[i - 1];
    if (before.type() == "texts" || before.type() == "reals")
      return "with a positional parameter '" + spec.name + "' behind the list '" + before.name + "'";
    if (spec.help.required && !before.help.required)
      return "with a required positional parameter '" + spec.name + "' behind '" + before.name + "', which is optional";
  }
  return std::nullopt;
}

std::optional<std::string> why_not_options(const ParamSet& params) {
  static constexpr std::array<std::string_view, 5> general = {"--help", "--version", "--plugins", "--quiet",
                                                              "--verbose"};
  std::vector<std::string> names;
  std::vector<const ParamSpec*> positional;
  for (const ParamSpec& spec : params.specs()) {
    const std::string name = option_name(spec);
    if (spec.name.front() == '-' || spec.name.front() == '_')
      return "with a parameter '" + spec.name + "' that cannot be an option: a letter or digit comes first";
    if (std::ranges::find(general, name) != general.end())
      return "with a parameter '" + spec.name + "', but " + name + " is an option of every command";
    if (std::ranges::find(names, name) != names.end()) return "with two parameters that are both " + name;
    names.push_back(name);
    if (spec.help.positional) positional.push_back(&spec);
  }
  return why_not_in_order(positional);
}

}  // namespace

bool is_command_name(std::string_view name) {
  const std::size_t blank = name.find(' ');
  return name.size() <= 100 && is_command_word(name.substr(0, blank)) &&
         (blank == std::string_view::npos || is_command_word(name.substr(blank + 1)));
}

std::string first_word(const std::string& name) { return name.substr(0, name.find(' ')); }

std::optional<std::string> why_not_beside(const std::string& name, const std::string& other) {
  if (name == other) return std::nullopt;
  if (first_word(name) == other || first_word(other) == name)
    return "a word is a command or a group of commands, not both";
  if (with_hyphens(name) == with_hyphens(other)) return "their names are too much alike";
  return std::nullopt;
}

std::optional<std::string> why_not_a_command(const Command& command) {
  if (command.info().about.empty()) return "without a sentence that says what it does";
  if (command.params() == nullptr) return std::nullopt;
  if (auto why = why_not_parameters(*command.params())) return why;
  return why_not_options(*command.params());
}

}  // namespace dfpipe::registry
