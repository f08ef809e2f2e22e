#include "overlay.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace dfpipe::explain {

cv::Rect visible_square(cv::Size crop) {
  const int side = std::min(crop.width, crop.height);
  return {(crop.width - side) / 2, (crop.height - side) / 2, side, side};
}

cv::Size size_within(cv::Size picture, int longer_side) {
  const double scale = std::min(1.0, static_cast<double>(longer_side) / std::max(picture.width, picture.height));
  return {std::max(1, static_cast<int>(std::lround(picture.width * scale))),
          std::max(1, static_cast<int>(std::lround(picture.height * scale)))};
}

cv::Mat colour_map(const cv::Mat& map, cv::Size size) {
  cv::Mat scaled, coloured;
  cv::resize(map, scaled, size, 0, 0, cv::INTER_LINEAR);
  cv::Mat levels(scaled.size(), CV_8UC1);
  for (int y = 0; y < scaled.rows; ++y)
    for (int x = 0; x < scaled.cols; ++x)
      levels.at<std::uint8_t>(y, x) =
          static_cast<std::uint8_t>(255.0f * std::clamp(scaled.at<float>(y, x), 0.0f, 1.0f));
  cv::applyColorMap(levels, coloured, cv::COLORMAP_JET);
  cv::cvtColor(coloured, coloured, cv::COLOR_BGR2RGB);
  return coloured;
}

cv::Mat overlay(const cv::Mat& crop, const cv::Mat& map, double opacity) {
  cv::Mat picture = crop.clone();
  const cv::Rect square = visible_square(crop.size());
  cv::Mat part = picture(square);
  cv::addWeighted(part, 1 - opacity, colour_map(map, square.size()), opacity, 0, part);
  return picture;
}

std::string base64(const std::vector<std::uint8_t>& data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');
  const int n =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data.data(), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(n));
  return text;
}

}  // namespace dfpipe::explain
