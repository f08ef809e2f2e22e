#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "alignment.hpp"
#include "definitions.hpp"

namespace dfpipe::heuristics {

/// How one raw number is spread over the reference photographs. Ascending.
struct Percentiles {
  double p1 = 0, p10 = 0, p90 = 0, p99 = 0;
};

struct MeasureReference {
  double weight = 0;       ///< in the total, 0 and up
  std::int64_t faces = 0;  ///< how many the percentiles stand on
  std::vector<Percentiles> parts;
};

/// What real photographs measure: the file that `calibrate-heuristics.yaml` writes.
///
///     faces: 120
///     source: {detector: yunet}              # what made it, for people
///     measures:
///       symmetry:
///         weight: 0.1
///         faces: 101
///         parts:
///           ssim: [0.31, 0.42, 0.66, 0.73]   # percentiles 1, 10, 90, 99
///       …                                    # all six measures, all their parts
struct Reference {
  std::int64_t faces = 0;
  std::map<std::string, std::string> source;
  std::array<MeasureReference, measure_count> measures;  ///< in the order of definitions()
};

/// Throws std::runtime_error "NAME:LINE:COLUMN: error: …" for text that is no reference: not UTF-8, not YAML, a key
/// that is missing, unknown or doubled, percentiles that are not four ascending finite numbers.
Reference parse_reference(const std::string& text, const std::string& name);

/// A file's bytes, at most 64 KiB. Throws std::runtime_error with its name.
std::string read_reference_text(const std::filesystem::path& file);

/// The one that is compiled in for faces that were placed by landmarks (plugins/heuristics/reference-landmarks.yaml) or
/// by anything else (reference-points.yaml). Landmarks find the outline and the irises themselves, so that the same
/// photographs measure other numbers.
const Reference& built_in_reference(Anchor anchor);

/// As parse_reference reads it; numbers with six significant digits.
std::string to_yaml(const Reference& reference);

}  // namespace dfpipe::heuristics
