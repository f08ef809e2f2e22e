#include <algorithm>

#include "cli/commands.hpp"
#include "config/source.hpp"

namespace dfpipe::cli {
namespace {

/// The command that was chosen, the group where the command itself is missing, or the program.
const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty()                              ? app
         : chosen.front()->get_subcommands().empty() ? *chosen.front()
                                                     : *chosen.front()->get_subcommands().front();
}

/// "dfpipe model", without the program's name for what is typed behind it.
std::string prefix_of(const CLI::App& parent) { return parent.get_parent() == nullptr ? "" : parent.get_name() + " "; }

std::vector<const CLI::App*> commands_of(const CLI::App& parent) {
  return parent.get_subcommands([](const CLI::App*) { return true; });
}

std::string with_suggestion(const std::string& sentence, const std::string& word,
                            const std::vector<std::string>& candidates) {
  const std::string hint = config::suggestion(word, candidates);
  return sentence + "; " + (hint.empty() ? "dfpipe --help tells more" : hint);
}

std::string unknown_option(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* a : {&app, &chosen_command(app)})
    for (const CLI::Option* option : a->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::string option = word.substr(0, word.find('='));
  return with_suggestion("unknown option '" + option + "'", option, names);
}

std::string no_command(const CLI::App& parent, const std::string& word) {
  const std::string prefix = prefix_of(parent);
  std::vector<std::string> names;
  for (const CLI::App* sub : commands_of(parent)) names.push_back(prefix + sub->get_name());
  return with_suggestion("no command '" + prefix + word + "'", prefix + word, names);
}

std::string unknown_word(const CLI::App& app, const std::string& word) {
  const CLI::App& chosen = chosen_command(app);
  return commands_of(chosen).empty() ? "unexpected argument '" + word + "'" : no_command(chosen, word);
}

}  // namespace

std::optional<std::string> unknown_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* parent = &app;
  for (const std::string& word : arguments) {
    const auto commands = commands_of(*parent);
    if (word.starts_with('-') || commands.empty()) break;
    const auto found = std::ranges::find(commands, word, &CLI::App::get_name);
    if (found == commands.end()) return no_command(*parent, word);
    parent = *found;
  }
  return std::nullopt;
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const bool of_a_value = dynamic_cast<const CLI::ValidationError*>(&error) != nullptr ||
                          dynamic_cast<const CLI::ConversionError*>(&error) != nullptr ||
                          dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
  if (of_a_value) return error.what();
  // Without a command CLI11 says only that one is required, whatever else it did not understand.
  const std::vector<std::string> unknown = app.remaining(true);
  if (!unknown.empty())
    return unknown.front().starts_with('-') ? unknown_option(app, unknown.front()) : unknown_word(app, unknown.front());
  const CLI::App& chosen = chosen_command(app);
  if (!commands_of(chosen).empty()) return "no command is given; dfpipe " + prefix_of(chosen) + "--help lists them";
  return error.what();
}

}  // namespace dfpipe::cli
