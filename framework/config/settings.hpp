#pragma once

#include <string>
#include <vector>

#include "config/tree.hpp"

namespace dfpipe::config {

/// One `--set a/b.c=value`: the path in pieces, and the value as it would stand in a file.
struct Setting {
  std::vector<std::string> path;
  std::vector<Origin> places;  ///< of each piece
  Tree value;
};

/// Reads `--set` arguments. Values that begin with '[' or '{' are YAML, everything else is one plain scalar.
std::vector<Setting> read_settings(const std::vector<std::string>& arguments, Reporter& report);

}  // namespace dfpipe::config
