#pragma once

#include <map>
#include <optional>
#include <string>

#include "config/tree.hpp"
#include "dfpipe/param.hpp"

namespace dfpipe::config {

/// The types a parameter may have, each with its empty value.
const std::map<std::string, ParamValue>& parameter_types();

/// One entry of `params:` without its value. Nothing, and reported, when it is not understood.
std::optional<ParamSpec> read_declaration(const Entry& entry, Reporter& report);

}  // namespace dfpipe::config
