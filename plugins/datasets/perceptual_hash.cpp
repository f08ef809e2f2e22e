#include "perceptual_hash.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <tuple>

namespace dfpipe::datasets {
namespace {

constexpr double flat_below = 2;  // standard deviation of the reduced picture, grey levels

}  // namespace

std::optional<std::uint64_t> perceptual_hash(const cv::Mat& rgb) {
  cv::Mat grey, small, frequencies;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  cv::resize(grey, small, {32, 32}, 0, 0, cv::INTER_AREA);
  cv::Scalar mean, deviation;
  cv::meanStdDev(small, mean, deviation);
  if (deviation[0] < flat_below) return std::nullopt;
  small.convertTo(small, CV_32F);
  cv::dct(small, frequencies);
  std::array<float, 64> low{};
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x) low[static_cast<std::size_t>(8 * y + x)] = frequencies.at<float>(y + 1, x + 1);
  std::array<float, 64> sorted = low;
  std::ranges::sort(sorted);
  const float median = (sorted[31] + sorted[32]) / 2;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 64; ++i) bits |= std::uint64_t{low[i] > median} << i;
  return bits;
}

std::vector<std::pair<std::size_t, std::size_t>> near_pairs(const std::vector<std::optional<std::uint64_t>>& hashes,
                                                            int distance) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const int bands = distance + 1;
  for (int band = 0; band < bands; ++band) {
    const int from = 64 * band / bands, to = 64 * (band + 1) / bands;
    const std::uint64_t mask = (to - from == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (to - from)) - 1) << from;
    std::vector<std::pair<std::uint64_t, std::size_t>> keys;
    for (std::size_t i = 0; i < hashes.size(); ++i)
      if (hashes[i]) keys.emplace_back(*hashes[i] & mask, i);
    std::ranges::sort(keys);
    for (std::size_t a = 0; a < keys.size(); ++a)
      for (std::size_t b = a + 1; b < keys.size() && keys[b].first == keys[a].first; ++b)
        if (std::popcount(*hashes[keys[a].second] ^ *hashes[keys[b].second]) <= distance)
          pairs.emplace_back(keys[a].second, keys[b].second);
  }
  std::ranges::sort(pairs);
  const auto rest = std::ranges::unique(pairs);
  pairs.erase(rest.begin(), rest.end());
  return pairs;
}

}  // namespace dfpipe::datasets
