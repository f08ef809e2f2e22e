#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace dfpipe::detector {

/// JSON as weight files and model folders use it: an object, no key twice, nesting of at most `max_depth`.
/// `where` begins every message. Throws ModelError.
nlohmann::json parse_json_object(std::string_view text, const std::string& where, int max_depth);

/// Reads a whole JSON file of at most 64 MiB. Throws ModelError.
nlohmann::json read_json_object(const std::filesystem::path& file);

/// A name from a file, fit for a message: control characters replaced, cut at 120 characters, in single quotes.
std::string in_quotes(std::string_view name);

}  // namespace dfpipe::detector
