#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace dfpipe::datasets {

/// 64 bits that stay almost the same under scaling and recompression: of the picture in grey, reduced to 32 x 32 by the
/// mean of areas, the discrete cosine transform; the 8 x 8 lowest frequencies, each against their median (Zauner,
/// "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, 3.2.1). Nothing for a picture of one
/// colour, whose bits would be noise. `rgb`: [H,W,3] uint8.
std::optional<std::uint64_t> perceptual_hash(const cv::Mat& rgb);

/// All pairs (i < j, ascending) whose hashes differ in at most `distance` bits; pictures without a hash are in none.
/// With d + 1 bands of bits, two hashes at distance d agree in at least one, so only such pairs are compared.
std::vector<std::pair<std::size_t, std::size_t>> near_pairs(const std::vector<std::optional<std::uint64_t>>& hashes,
                                                            int distance);

}  // namespace dfpipe::datasets
