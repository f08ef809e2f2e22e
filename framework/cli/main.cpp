#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/plugin_commands.hpp"
#include "config/showable.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/plugin.hpp"
#include "engine/engine.hpp"
#include "observe/terminal.hpp"

namespace dfpipe::cli {
namespace {

std::string version_text() {
  return "dfpipe " DFPIPE_VERSION "\nplugin ABI " + std::to_string(abi_number) + ", " +
         build_fingerprint_of_framework();
}

/// In the order that CLI11 wants: last first. `dfpipe help run` is `dfpipe run --help`.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  std::ranges::reverse(arguments);
  return arguments;
}

constexpr const char* examples =
    "Examples:\n"
    "  dfpipe run pipelines/predict.yaml --set input=photos --set output=out/photos\n"
    "  dfpipe validate pipelines/predict.yaml\n"
    "  dfpipe inspect face-crop\n"
    "  dfpipe graph pipelines/predict.yaml --format dot | dot -Tsvg > graph.svg\n"
    "Exit codes: 0 done, 1 failed, 2 bad file or usage, 3 done with item errors, 130 interrupted.";

void add_general_options(CLI::App& app, Application& application) {
  app.add_option("--plugins", application.plugin_folders, "a folder with further plugins (repeatable)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_flag("-q,--quiet", application.quiet, "warnings and errors only");
  app.add_flag("-v,--verbose", application.verbose, "debug messages too");
}

void set_up_log(const Application& application) {
  observe::set_up_log(application.quiet     ? observe::Verbosity::quiet
                      : application.verbose ? observe::Verbosity::verbose
                                            : observe::Verbosity::normal);
}

/// What can be seen of the arguments by one who does not know the commands.
struct Glance {
  Application options;
  std::vector<std::string> rest;  ///< all but the general options
  bool help = false;

  /// The command's first word, or "".
  std::string word() const {
    const auto found = std::ranges::find_if(rest, [](const std::string& a) { return !a.starts_with('-'); });
    return found == rest.end() ? "" : *found;
  }
};

Glance glance_at(std::vector<std::string> arguments, const Application& application) {
  Glance seen{application, {}};
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  add_general_options(app, seen.options);
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError&) {  // whoever knows the commands will say what is wrong
    return seen;
  }
  seen.rest = app.remaining();
  seen.help = std::ranges::any_of(seen.rest, [](const std::string& a) { return a == "--help" || a == "-h"; });
  return seen;
}

/// Plugins take a while to load, so this is done for the help of the whole program and for commands that are not its
/// own. Returns the exit code when there is nothing more to do.
std::optional<int> add_commands_of_plugins(CLI::App& app, Application& application, const Glance& seen,
                                           std::optional<Signals>& signals) {
  const std::string word = seen.word();
  if (word.empty() ? !seen.help : std::ranges::find(application.own_commands, word) != application.own_commands.end())
    return std::nullopt;
  signals.emplace();  // before any thread that a plugin may start
  set_up_log(seen.options);
  try {
    const auto registry = std::make_shared<const registry::Registry>(seen.options.registry());
    add_plugin_commands(app, application, registry, *signals);
    app.footer(plugin_commands_text(*registry) + examples);
  } catch (const registry::PluginError& e) {
    if (!word.empty()) throw;
    log(LogLevel::warning, e.what());
  }
  const auto unknown = unknown_command(app, seen.rest);
  if (!unknown) return std::nullopt;
  log(LogLevel::error, *unknown);
  return exit_usage;
}

int run(int argc, char** argv) {
  CLI::App app{"Runs dataflow pipelines written in YAML.", "dfpipe"};
  Application application;
  app.set_version_flag("--version", version_text());
  add_general_options(app, application);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(examples);
  add_run(app, application);
  add_validate(app, application);
  add_inspect(app, application);
  add_graph(app, application);
  add_explain(app, application);
  add_schema(app, application);
  for (const CLI::App* own : app.get_subcommands({})) application.own_commands.push_back(own->get_name());
  application.own_commands.emplace_back("help");
  observe::set_up_log(observe::Verbosity::normal);
  std::vector<std::string> arguments = arguments_of(argc, argv);
  std::optional<Signals> signals;
  try {
    if (const auto done = add_commands_of_plugins(app, application, glance_at(arguments, application), signals))
      return *done;
    app.parse(std::move(arguments));
  } catch (const CLI::Success& e) {  // --help and --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    log(LogLevel::error, usage_error(app, e));
    return exit_usage;
  }
  set_up_log(application);
  return application.action();
}

}  // namespace

registry::Registry Application::registry() const {
  registry::Registry all(own_commands);
  for (const auto& folder : registry::search_path(plugin_folders)) {
    const bool asked_for = std::ranges::find(plugin_folders, folder) != plugin_folders.end();
    if (all.load_folder(folder) == 0 && asked_for)
      log(LogLevel::warning, "--plugins '" + folder.string() + "' holds no plugin (*.so)");
  }
  return all;
}

void print(const std::string& text) {
  std::cout << text;
  if (!text.empty() && text.back() != '\n') std::cout << '\n';
  std::cout.flush();
  if (std::cout) return;
  if (errno == EPIPE) std::_Exit(128 + SIGPIPE);  // the reader, `head` perhaps, has seen enough
  throw std::runtime_error("stdout cannot be written");
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  errno = 0;
  std::ofstream out(file);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(file.string() + ": cannot be written: " + std::strerror(errno));
}

}  // namespace dfpipe::cli

int main(int argc, char** argv) {
  // glibc would open up to eight arenas a core; images and tensors that pass between threads then fragment all of them,
  // and memory creeps up with the number of images.
  mallopt(M_ARENA_MAX, std::max(2, dfpipe::engine::available_threads()));
  // OpenMP's threads would spin between two loops of a model call, on cores that the workers need: four times slower on
  // a busy machine. Its library reads this when the first plugin that links it is loaded.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, with a message, not a silent death
  try {
    return dfpipe::cli::run(argc, argv);
  } catch (const dfpipe::registry::PluginError& e) {
    dfpipe::log(dfpipe::LogLevel::error, e.what());
    return dfpipe::cli::exit_usage;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", dfpipe::config::showable(e.what()).c_str());
  } catch (...) {
    std::fprintf(stderr, "error: something that is not a std::exception was thrown\n");
  }
  return dfpipe::cli::exit_failed;
}
