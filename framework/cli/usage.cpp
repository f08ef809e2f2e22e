#include "cli/commands.hpp"
#include "config/source.hpp"

namespace dfpipe::cli {
namespace {

const CLI::App* chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? nullptr : chosen.front();
}

std::string with_suggestion(const std::string& sentence, const std::string& word,
                            const std::vector<std::string>& candidates) {
  const std::string hint = config::suggestion(word, candidates);
  return sentence + "; " + (hint.empty() ? "dfpipe --help tells more" : hint);
}

std::string unknown_option(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* a : {&app, chosen_command(app)}) {
    if (a == nullptr) continue;
    for (const CLI::Option* option : a->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string option = word.substr(0, word.find('='));
  return with_suggestion("unknown option '" + option + "'", option, names);
}

std::string unknown_word(const CLI::App& app, const std::string& word) {
  if (chosen_command(app) != nullptr) return "unexpected argument '" + word + "'";
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return with_suggestion("no command '" + word + "'", word, names);
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const bool of_a_value = dynamic_cast<const CLI::ValidationError*>(&error) != nullptr ||
                          dynamic_cast<const CLI::ConversionError*>(&error) != nullptr ||
                          dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
  if (of_a_value) return error.what();
  // Without a command CLI11 says only that one is required, whatever else it did not understand.
  const std::vector<std::string> unknown = app.remaining(true);
  if (!unknown.empty())
    return unknown.front().starts_with('-') ? unknown_option(app, unknown.front()) : unknown_word(app, unknown.front());
  if (chosen_command(app) == nullptr) return "no command is given; dfpipe --help lists them";
  return error.what();
}

}  // namespace dfpipe::cli
