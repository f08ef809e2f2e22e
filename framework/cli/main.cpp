#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "cli/commands.hpp"
#include "config/diagnostics.hpp"
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

/// CLI11 would only say that a subcommand is required.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  const std::string word = argv[1];
  if (std::find(names.begin(), names.end(), word) != names.end()) return {};
  const std::string near = config::did_you_mean(word, names);
  return "no command '" + word + "'" + (near.empty() ? "; dfpipe --help lists them" : "; did you mean '" + near + "'?");
}

int run(int argc, char** argv) {
  CLI::App app{"Runs dataflow pipelines written in YAML.", "dfpipe"};
  Application application;
  app.set_version_flag("--version", version_text());
  app.add_option("--plugins", application.plugin_folders, "a folder with further plugins (repeatable)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_flag("-q,--quiet", application.quiet, "warnings and errors only");
  app.add_flag("-v,--verbose", application.verbose, "debug messages too");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Examples:\n"
      "  dfpipe run pipelines/predict.yaml --set input=photos --set output=out/photos\n"
      "  dfpipe validate pipelines/predict.yaml\n"
      "  dfpipe inspect face-crop\n"
      "  dfpipe graph pipelines/predict.yaml --format dot | dot -Tsvg > graph.svg\n"
      "Exit codes: 0 done, 1 failed, 2 bad file or usage, 3 done with item errors, 130 interrupted.");
  add_run(app, application);
  add_validate(app, application);
  add_inspect(app, application);
  add_graph(app, application);
  add_explain(app, application);
  add_schema(app, application);
  if (const std::string wrong = unknown_command(app, argc, argv); !wrong.empty()) {
    std::fprintf(stderr, "error: %s\n", wrong.c_str());
    return exit_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : exit_usage;
  }
  observe::set_up_log(application.quiet     ? observe::Verbosity::quiet
                      : application.verbose ? observe::Verbosity::verbose
                                            : observe::Verbosity::normal);
  try {
    return application.action();
  } catch (const registry::PluginError& e) {
    log(LogLevel::error, e.what());
    return exit_usage;
  }
}

}  // namespace

registry::Registry Application::registry() const {
  registry::Registry all;
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
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
  } catch (...) {
    std::fprintf(stderr, "error: something that is not a std::exception was thrown\n");
  }
  return dfpipe::cli::exit_failed;
}
