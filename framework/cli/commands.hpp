#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "registry/registry.hpp"

/// One function per command: it adds its options and, when chosen, sets `action`.
namespace dfpipe::cli {

struct Application {
  std::vector<std::filesystem::path> plugin_folders;
  bool quiet = false;
  bool verbose = false;
  std::vector<std::string> own_commands;  ///< words that no plugin may take
  std::function<int()> action;

  /// Loads every plugin of the search path. Throws registry::PluginError.
  registry::Registry registry() const;
};

void add_run(CLI::App& app, Application& application);
void add_validate(CLI::App& app, Application& application);
void add_inspect(CLI::App& app, Application& application);
void add_graph(CLI::App& app, Application& application);
void add_explain(CLI::App& app, Application& application);
void add_schema(CLI::App& app, Application& application);

/// A pipeline file and what is set on the command line; shared by all commands that read one.
struct PipelineOptions {
  plan::PlanRequest request;
  void add_to(CLI::App& command);
};

/// Accepts digits and nothing else, from `least` to `most`.
CLI::Validator whole_number(std::uint64_t least = 0, std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// The plan, or nothing after all that is wrong has been printed.
std::optional<plan::Plan> load_plan(const PipelineOptions& options, const registry::Registry& registry);

/// Text for stdout. Throws std::runtime_error when it cannot be written.
void print(const std::string& text);

/// The same for a file.
void write_file(const std::filesystem::path& file, const std::string& text);

/// What was wrong with the command line, in one sentence.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

/// "no command 'vaildate'; did you mean 'validate'?", for arguments that begin with a word that is none, or with a
/// group's name and such a word; else nothing.
std::optional<std::string> unknown_command(const CLI::App& app, const std::vector<std::string>& arguments);

constexpr int exit_failed = 1, exit_usage = 2, exit_item_errors = 3;

}  // namespace dfpipe::cli
