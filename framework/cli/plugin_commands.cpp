#include "cli/plugin_commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <stop_token>

#include "cli/command_options.hpp"
#include "cli/describe.hpp"
#include "config/showable.hpp"
#include "config/source.hpp"
#include "dfpipe/command.hpp"
#include "dfpipe/error.hpp"
#include "dfpipe/node.hpp"
#include "observe/terminal.hpp"
#include "registry/command_check.hpp"

namespace dfpipe::cli {
namespace {

using registry::CommandKind;

class TerminalConsole final : public Console {
 public:
  TerminalConsole(bool quiet, std::stop_token stop)
      : shows_progress_(!quiet && observe::stderr_traits().interactive), stop_(std::move(stop)) {}
  ~TerminalConsole() override { TerminalConsole::progress({}); }

  void print(const std::string& text) override { cli::print(text); }
  void progress(const std::string& line) override {
    if (shows_progress_)
      observe::Terminal::instance().bar(observe::cut(config::one_line(line), observe::stderr_traits().width - 1));
  }
  bool terminal() const override { return isatty(STDOUT_FILENO) != 0; }
  std::stop_token stop() const override { return stop_; }

 private:
  bool shows_progress_;
  std::stop_token stop_;
};

/// Says in one line what was wrong and gives the exit code.
int told(const std::string& what, int exit_code) {
  log(LogLevel::error, config::one_line(what.empty() ? "an exception without a message" : what));
  return exit_code;
}

int checked_code(const CommandKind& kind, int code) {
  if (code >= 0 && code <= exit_item_errors) return code;
  return told("the command '" + kind.type + "' ended with the code " + std::to_string(code) +
                  ", which means nothing: taken as failed",
              exit_failed);
}

/// Plugins may throw anything.
int run_guarded(const CommandKind& kind, const CommandOptions& options, Console& console) {
  try {
    const std::unique_ptr<Command> command = kind.make();
    if (command->params() != nullptr)
      if (const auto wrong = options.assign_to(*command->params())) return told(*wrong, exit_usage);
    return checked_code(kind, command->run(console));
  } catch (const Error& e) {
    return told(e.what(), e.code() == "usage" ? exit_usage : exit_failed);
  } catch (const std::bad_alloc&) {
    return told("the memory is exhausted", exit_failed);
  } catch (const std::exception& e) {
    return told(e.what(), exit_failed);
  } catch (...) {
    return told("the command '" + kind.type + "' threw something that is not a std::exception", exit_failed);
  }
}

int run_command(const CommandKind& kind, const CommandOptions& options, bool quiet, Signals& signals) {
  std::stop_source stop;
  const auto listening = signals.listen(
      [&stop] {
        log(LogLevel::warning, "stopping; once more to end at once");
        stop.request_stop();
      },
      [] { std::_Exit(exit_interrupted); });
  TerminalConsole console(quiet, stop.get_token());
  const int code = run_guarded(kind, options, console);
  return code != 0 && stop.stop_requested() ? exit_interrupted : code;
}

std::string first_sentence(const std::string& about) {
  const std::size_t end = about.find(". ");
  return end == std::string::npos ? about : about.substr(0, end + 1);
}

}  // namespace

void add_plugin_commands(CLI::App& app, Application& application, std::shared_ptr<const registry::Registry> registry,
                         Signals& signals) {
  std::map<std::string, CLI::App*> groups;
  for (const auto& [name, kind] : registry->commands()) {
    CLI::App* parent = &app;
    const std::string word = registry::first_word(name);
    if (word != name) {
      CLI::App*& group = groups[word];
      if (group == nullptr) {
        group = app.add_subcommand(word, "Commands of plugins.");
        group->group("");  // the program's footer lists each of its commands
        group->footer("");
        group->require_subcommand(1);
      }
      parent = group;
    }
    CLI::App* sub =
        parent->add_subcommand(name.substr(parent == &app ? 0 : word.size() + 1), kind.prototype->info().about);
    sub->group(parent == &app ? "" : "Commands");
    const std::string& example = kind.prototype->info().example;
    sub->footer(example.empty() ? "" : "Example:\n  " + example);
    static const ParamSet none;
    const ParamSet* const params = kind.prototype->params();
    auto options = std::make_shared<CommandOptions>(*sub, params != nullptr ? *params : none);
    sub->callback([&application, &signals, &kind = kind, options, registry] {
      application.action = [&application, &signals, &kind, options, registry] {
        return run_command(kind, *options, application.quiet, signals);
      };
    });
  }
}

std::string plugin_commands_text(const registry::Registry& registry) {
  if (registry.commands().empty()) return {};
  std::string text = "Commands of plugins:\n";
  constexpr std::size_t column = 30;  // where the help of the other commands stands
  for (const auto& [name, kind] : registry.commands()) {
    const std::string start = "  " + name;
    text += start + std::string(start.size() < column ? column - start.size() : 2, ' ') +
            first_sentence(kind.prototype->info().about) + "\n";
  }
  return text + "\n";
}

}  // namespace dfpipe::cli
