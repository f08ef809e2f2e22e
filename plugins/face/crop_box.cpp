#include "crop_box.hpp"

#include <algorithm>
#include <cmath>

namespace dfpipe::face {

cv::Rect2d landmark_extent(const Detection& face, const LandmarkBox& usual) {
  if (face.landmarks.empty()) {
    const double width = face.box.width * usual.width, height = face.box.height * usual.height;
    const double x = face.box.x + face.box.width * (0.5 + usual.dx);
    const double y = face.box.y + face.box.height * (0.5 + usual.dy);
    return {x - width / 2, y - height / 2, width, height};
  }
  const auto [left, right] = std::ranges::minmax(face.landmarks, {}, &cv::Point3f::x);
  const auto [top, bottom] = std::ranges::minmax(face.landmarks, {}, &cv::Point3f::y);
  return {cv::Point2d(left.x, top.y), cv::Point2d(right.x, bottom.y)};
}

cv::Rect crop_box(const cv::Rect2d& extent, double padding, cv::Size picture) {
  const double dx = padding * extent.width, dy = padding * extent.height;
  const double corners[] = {extent.x - dx, extent.y - dy, extent.x + extent.width + dx, extent.y + extent.height + dy};
  if (!std::ranges::all_of(corners, [](double c) { return std::isfinite(c); })) return {};
  const auto cut = [](double value, int most) {
    return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(most)));
  };
  const cv::Point low(cut(corners[0], picture.width), cut(corners[1], picture.height));
  const cv::Point high(cut(corners[2], picture.width), cut(corners[3], picture.height));
  if (high.x <= low.x || high.y <= low.y) return {};
  return {low, high};
}

cv::Rect squared(const cv::Rect& box, cv::Size picture) {
  const int side = std::max(box.width, box.height);
  const int width = std::min(side, picture.width), height = std::min(side, picture.height);
  const int x = box.x - (width - box.width) / 2, y = box.y - (height - box.height) / 2;
  return {std::clamp(x, 0, picture.width - width), std::clamp(y, 0, picture.height - height), width, height};
}

}  // namespace dfpipe::face
