#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "measuring.hpp"

namespace dfpipe::heuristics {
namespace {

/// The bin of each 8-bit pattern: 58 uniform ones (at most two changes around the circle) have their own, all others
/// share the last.
constexpr std::array<std::uint8_t, 256> uniform_bins() {
  std::array<std::uint8_t, 256> bins{};
  std::uint8_t next = 0;
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    const auto code = static_cast<std::uint8_t>(pattern);
    bins[pattern] = std::popcount(static_cast<std::uint8_t>(code ^ std::rotl(code, 1))) <= 2 ? next++ : 58;
  }
  return bins;
}

constexpr auto bins = uniform_bins();
/// Neighbours clockwise: columns, rows.
constexpr std::array<std::pair<int, int>, 8> circle{
    {{-1, -1}, {0, -1}, {1, -1}, {1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}}};

double pattern_entropy(const cv::Mat& grey, const cv::Mat& mask) {
  std::array<int, 59> histogram{};
  int count = 0;
  for (int y = 1; y + 1 < grey.rows; ++y) {
    const auto* row = grey.ptr<float>(y);
    const auto* wanted = mask.ptr<std::uint8_t>(y);
    const auto stride = static_cast<std::ptrdiff_t>(grey.step1());
    for (int x = 1; x + 1 < grey.cols; ++x) {
      if (wanted[x] == 0) continue;
      unsigned pattern = 0;
      for (std::size_t i = 0; i < circle.size(); ++i)
        pattern |= static_cast<unsigned>(row[x + circle[i].first + stride * circle[i].second] >= row[x]) << i;
      ++histogram[bins[pattern]];
      ++count;
    }
  }
  double entropy = 0;
  for (const int n : histogram)
    if (n > 0) entropy -= static_cast<double>(n) / count * std::log(static_cast<double>(n) / count);
  return entropy / std::log(59.0);
}

}  // namespace

Raw texture(const AlignedFace& face) {
  if (face.skin_share < 0.1) return {{}, 0, "too little skin is seen"};
  cv::Mat laplacian;
  cv::Laplacian(face.grey, laplacian, CV_32F, 1, 1, 0, cv::BORDER_REFLECT_101);
  cv::Scalar mean, deviation;
  cv::meanStdDev(laplacian, mean, deviation, face.skin);
  const double brightness = cv::mean(face.grey, face.skin)[0];
  const double detail = std::log10(deviation[0] * deviation[0] / (brightness * brightness + 1e-4) + 1e-8);

  const double seen = std::min(1.0, face.skin_share / 0.25) * (face.alignment.anchor == Anchor::box ? 0.6 : 1.0);
  Raw raw{{detail, pattern_entropy(face.grey, face.skin)}, seen * face.size_validity(128), ""};
  if (raw.validity < 0.5) raw.doubt = face.size_validity(128) < 0.5 ? "the face is small" : "little skin is seen";
  return raw;
}

}  // namespace dfpipe::heuristics
