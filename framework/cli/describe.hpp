#pragma once

#include <string>

#include "plan/descriptor.hpp"

/// A node type's, a resource's or a command's descriptor for people and the reference pages.
namespace dfpipe::cli {

using plan::describe;
using plan::Described;
using plan::kind_of;

/// "dfpipe model info DIR [options]"
std::string usage_of(const Described& command);

std::string describe_text(const Described& d);
std::string describe_markdown(const Described& d);

/// "true", "0.2", "'report'", "['a', 'b']": as one would write it in YAML.
std::string value_text(const ParamValue& value);
/// The same as one would type it on the command line; a list is written with commas.
std::string typed_text(const ParamValue& value);
/// "0 … 2 px", "a, b", "": range or choices, and unit.
std::string limits_text(const ParamSpec& spec);

}  // namespace dfpipe::cli
