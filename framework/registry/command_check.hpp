#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dfpipe/command.hpp"

/// What a plugin says of its commands, checked once when it is loaded: the command line and the reference pages rely on
/// it.
namespace dfpipe::registry {

/// One word or two with a blank between; lower-case letters, digits and '-', a letter first; at most 100.
bool is_command_name(std::string_view name);
/// "model" of "model info".
std::string first_word(const std::string& name);
/// Why two different commands cannot be told apart, or nothing.
std::optional<std::string> why_not_beside(const std::string& name, const std::string& other);
/// "without a sentence that says what it does", or nothing.
std::optional<std::string> why_not_a_command(const Command& command);

}  // namespace dfpipe::registry
