#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How the files of a folder of results are called.
namespace dfpipe::files {

inline constexpr std::string_view lines_name = "predictions.jsonl";
inline constexpr std::string_view record_name = "predictions.run.json";  ///< there before the first heat map is
inline constexpr std::string_view heatmaps_name = "heatmaps";
inline constexpr std::string_view earlier_heatmaps_name = "heatmaps.prev";

/// "00000012_0.png": face 0 of image 12.
std::string heatmap_name(std::uint64_t image, std::size_t face);

/// True for the name of a heat map, or of one that a kill has left unfinished. Other files in the same folder are not
/// this program's.
bool is_heatmap_name(std::string_view name);

}  // namespace dfpipe::files
