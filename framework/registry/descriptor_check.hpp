#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dfpipe/node.hpp"

/// What a plugin says of its types, checked once when it is loaded: the language, the schema and the reference pages
/// rely on it.
namespace dfpipe::registry {

/// Letters, digits, '-' and '_'; at most 100.
bool is_plain_name(std::string_view name);

/// "with two inputs 'image'", or nothing: names that are no names or stand twice, defaults that are not allowed.
std::optional<std::string> why_not_a_node(const Node& node);
std::optional<std::string> why_not_parameters(const ParamSet& params);

}  // namespace dfpipe::registry
