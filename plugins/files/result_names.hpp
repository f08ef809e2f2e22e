#pragma once

#include <string_view>

/// How the files of a folder of results are called.
namespace dfpipe::files {

inline constexpr std::string_view lines_name = "predictions.jsonl";
inline constexpr std::string_view record_name = "predictions.run.json";  ///< there before the first heat map is
inline constexpr std::string_view heatmaps_name = "heatmaps";
inline constexpr std::string_view earlier_heatmaps_name = "heatmaps.prev";  ///< or this with a number behind it

/// True for a run's heat maps and for those it has put aside.
constexpr bool holds_heatmaps(std::string_view folder) {
  return folder == heatmaps_name || folder.starts_with(earlier_heatmaps_name);
}

}  // namespace dfpipe::files
