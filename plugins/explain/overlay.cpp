#include "overlay.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace dfpipe::explain {

cv::Rect visible_square(cv::Size crop) {
  const int side = std::min(crop.width, crop.height);
  return {(crop.width - side) / 2, (crop.height - side) / 2, side, side};
}

cv::Rect visible_part(const cv::Rect2d& shares, cv::Size crop) {
  const auto pixels = [](double share, int side) { return static_cast<int>(std::lround(share * side)); };
  return {pixels(shares.x, crop.width), pixels(shares.y, crop.height), std::max(1, pixels(shares.width, crop.width)),
          std::max(1, pixels(shares.height, crop.height))};
}

cv::Size size_within(cv::Size picture, int longer_side) {
  const double scale = std::min(1.0, static_cast<double>(longer_side) / std::max(picture.width, picture.height));
  return {std::max(1, static_cast<int>(std::lround(picture.width * scale))),
          std::max(1, static_cast<int>(std::lround(picture.height * scale)))};
}

namespace {

/// The part of a map, spread over `visible`, that lies inside `shown`.
cv::Mat scaled_part(const cv::Mat& map, const cv::Rect& visible, const cv::Rect& shown) {
  cv::Mat scaled;
  if (shown == visible) {
    cv::resize(map, scaled, visible.size(), 0, 0, cv::INTER_LINEAR);
    return scaled;
  }
  const double sx = static_cast<double>(map.cols) / visible.width, sy = static_cast<double>(map.rows) / visible.height;
  const cv::Matx23d to_map(sx, 0, (shown.x - visible.x + 0.5) * sx - 0.5, 0, sy,
                           (shown.y - visible.y + 0.5) * sy - 0.5);
  cv::warpAffine(map, scaled, to_map, shown.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
  return scaled;
}

cv::Mat levels_of(const cv::Mat& scaled) {
  cv::Mat levels(scaled.size(), CV_8UC1);
  for (int y = 0; y < scaled.rows; ++y)
    for (int x = 0; x < scaled.cols; ++x)
      levels.at<std::uint8_t>(y, x) =
          static_cast<std::uint8_t>(255.0f * std::clamp(scaled.at<float>(y, x), 0.0f, 1.0f));
  return levels;
}

cv::Mat coloured(const cv::Mat& levels) {
  cv::Mat coloured;
  cv::applyColorMap(levels, coloured, cv::COLORMAP_JET);
  cv::cvtColor(coloured, coloured, cv::COLOR_BGR2RGB);
  return coloured;
}

}  // namespace

cv::Mat colour_map(const cv::Mat& map, cv::Size size) { return coloured(map_levels(map, size)); }

cv::Mat map_levels(const cv::Mat& map, cv::Size size) {
  const cv::Rect all({}, size);
  return levels_of(scaled_part(map, all, all));
}

const std::array<cv::Vec3b, 256>& jet_colours() {
  static const std::array<cv::Vec3b, 256> colours = [] {
    cv::Mat levels(1, 256, CV_8UC1);
    for (int i = 0; i < 256; ++i) levels.at<std::uint8_t>(0, i) = static_cast<std::uint8_t>(i);
    const cv::Mat rgb = coloured(levels);
    std::array<cv::Vec3b, 256> all;
    std::copy(rgb.begin<cv::Vec3b>(), rgb.end<cv::Vec3b>(), all.begin());
    return all;
  }();
  return colours;
}

cv::Mat overlay(const cv::Mat& crop, const cv::Mat& map, const cv::Rect& visible, double opacity) {
  cv::Mat picture = crop.clone();
  const cv::Rect shown = visible & cv::Rect({}, crop.size());
  if (shown.empty()) return picture;
  cv::Mat part = picture(shown);
  cv::addWeighted(part, 1 - opacity, coloured(levels_of(scaled_part(map, visible, shown))), opacity, 0, part);
  return picture;
}

}  // namespace dfpipe::explain
