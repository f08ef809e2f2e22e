#pragma once

#include <algorithm>
#include <string>

#include "dfpipe/param.hpp"

namespace dfpipe::registry {

/// A command's parameter as it is typed: "--batch-size", "--no-verify" for a boolean that is true by default, "model"
/// for a positional one.
inline std::string option_name(const ParamSpec& spec) {
  std::string name = spec.name;
  std::ranges::replace(name, '_', '-');
  if (spec.help.positional) return name;
  const bool* const flag = std::get_if<bool>(&spec.default_value);
  return (flag != nullptr && *flag ? "--no-" : "--") + name;
}

}  // namespace dfpipe::registry
