#pragma once

#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "cli/signals.hpp"

namespace dfpipe::cli {

/// Adds the commands that plugins bring, groups of two-word ones included. `signals` must outlive the action.
void add_plugin_commands(CLI::App& app, Application& application, std::shared_ptr<const registry::Registry> registry,
                         Signals& signals);

/// A line for each of them, for the help of the whole program.
std::string plugin_commands_text(const registry::Registry& registry);

}  // namespace dfpipe::cli
