#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dfpipe::registry {

/// Says why a file cannot be a shared library of this machine, or nothing. The dynamic loader maps a file that was cut
/// short without complaint and the process dies of SIGBUS at the first missing page, so the lengths are checked first.
std::optional<std::string> why_not_a_shared_library(const std::filesystem::path& file);

}  // namespace dfpipe::registry
