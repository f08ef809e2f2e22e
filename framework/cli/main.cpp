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
  observe::set_up_log(observe::Verbosity::normal);
  try {
    app.parse(arguments_of(argc, argv));
  } catch (const CLI::Success& e) {  // --help and --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    log(LogLevel::error, usage_error(app, e));
    return exit_usage;
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
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", dfpipe::config::showable(e.what()).c_str());
  } catch (...) {
    std::fprintf(stderr, "error: something that is not a std::exception was thrown\n");
  }
  return dfpipe::cli::exit_failed;
}
