#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/param.hpp"

namespace dfpipe::cli {

/// A command's parameters as options of the command line.
class CommandOptions {
 public:
  /// Adds one option, flag or argument to `app` for each parameter. `params` must outlive the parsing of the arguments.
  CommandOptions(CLI::App& app, const ParamSet& params);

  /// Puts what was given into `params`, which has the parameters told of at first. Returns what is wrong with the first
  /// bad value, in one sentence, or nothing.
  std::optional<std::string> assign_to(ParamSet& params) const;

 private:
  struct Given {
    const ParamSpec* spec;
    std::vector<std::string> values;
    bool flag = false;
    CLI::Option* option = nullptr;
  };
  std::deque<Given> all_;
};

}  // namespace dfpipe::cli
