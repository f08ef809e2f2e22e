#pragma once

#include <filesystem>
#include <optional>

#include "config/tree.hpp"

namespace dfpipe::config {

inline constexpr int max_depth = 64;
inline constexpr std::size_t max_values = 100'000;

/// The one YAML document of a text. Refused, each with its place: duplicate keys at any depth, keys that are not plain
/// text, anchors, aliases, merge keys, tags, more than one document, nesting deeper than `max_depth`, more than
/// `max_values` values. Returns nothing when the text could not be read to its end; reported either way.
std::optional<Tree> parse_yaml(const FileText& file, Reporter& report);

/// The same for a file of any provenance.
std::optional<Tree> read_yaml(const std::filesystem::path& file, const Origin& asked_at, Reporter& report);

}  // namespace dfpipe::config
