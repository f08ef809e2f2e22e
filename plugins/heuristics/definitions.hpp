#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

/// What the calibrated heuristics are made of: data for the measuring, the judging, the reference file and the notes.
namespace dfpipe::heuristics {

/// On which side a value is odd. Where high is better than usual, only low counts, and the other way round.
enum class OddWhen : std::uint8_t { low, high, either };

/// One raw number, and how a note tells of it: `before`, the number in plain units, `after`.
struct PartDefinition {
  std::string_view name;
  OddWhen odd;
  double share;  ///< of the measure's score; they add up to 1
  std::string_view before, after;
  double (*plain)(double raw);  ///< ascending
};

/// A measure: its score is the mean of its parts' scores, weighted by their shares. The first part is its `value`.
struct MeasureDefinition {
  std::string_view name;
  double weight;  ///< in the total, where no reference says otherwise
  std::vector<PartDefinition> parts;
};

inline constexpr std::size_t measure_count = 6;

/// symmetry, eyes, texture, edges, lighting, noise: the order of all that is written.
const std::array<MeasureDefinition, measure_count>& definitions();

}  // namespace dfpipe::heuristics
