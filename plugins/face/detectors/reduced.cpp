#include "reduced.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace dfpipe::face {

cv::Mat reduced(const cv::Mat& picture, double side) {
  const double scale = side / std::sqrt(static_cast<double>(picture.cols) * picture.rows);
  if (!(scale < 1)) return picture;
  const auto length = [&](int of) { return std::max(1, static_cast<int>(std::lround(of * scale))); };
  cv::Mat copy;
  cv::resize(picture, copy, {length(picture.cols), length(picture.rows)}, 0, 0, cv::INTER_AREA);
  return copy;
}

cv::Point2d reduction(const cv::Mat& picture, const cv::Mat& copy) {
  return {static_cast<double>(picture.cols) / copy.cols, static_cast<double>(picture.rows) / copy.rows};
}

}  // namespace dfpipe::face
