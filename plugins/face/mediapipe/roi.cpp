#include "roi.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "crop_box.hpp"
#include "mesh_points.hpp"

namespace dfpipe::face {
namespace {

constexpr double enlarged = 1.5;

/// The turn that makes the line from `a` to `b` level, in [-pi, pi).
double rotation_between(const cv::Point2d& a, const cv::Point2d& b) {
  const double turn = -std::atan2(-(b.y - a.y), b.x - a.x);
  return turn - 2 * std::numbers::pi * std::floor((turn + std::numbers::pi) / (2 * std::numbers::pi));
}

cv::Point2d centre_of(const cv::Rect2d& box) { return {box.x + box.width / 2, box.y + box.height / 2}; }

struct Place {
  cv::Mat pixels;
  Roi roi;
};

/// OpenCV's warp counts pixels in 16 bits. Of a larger picture only the part around the rectangle is taken, reduced
/// when that is still too large.
Place within_limits(const cv::Mat& rgb, Roi roi) {
  constexpr int limit = 16384;
  if (std::max(rgb.cols, rgb.rows) <= limit) return {rgb, roi};
  const double reach = std::hypot(roi.width, roi.height) / 2 + 2;
  const auto cut = [](double at, int most) { return static_cast<int>(std::clamp(at, 0.0, static_cast<double>(most))); };
  const int left = cut(roi.centre.x - reach, rgb.cols - 1), top = cut(roi.centre.y - reach, rgb.rows - 1);
  const int right = std::max(left + 1, cut(roi.centre.x + reach, rgb.cols));
  const int bottom = std::max(top + 1, cut(roi.centre.y + reach, rgb.rows));
  cv::Mat part = rgb(cv::Range(top, bottom), cv::Range(left, right));
  roi.centre -= cv::Point2d(left, top);
  const double scale = static_cast<double>(limit) / std::max(part.cols, part.rows);
  if (scale < 1) {
    cv::resize(part.clone(), part, {}, scale, scale, cv::INTER_AREA);
    roi = {roi.centre * scale, roi.width * scale, roi.height * scale, roi.rotation};
  }
  return {part, roi};
}

}  // namespace

bool Roi::is_usable() const {
  return std::isfinite(centre.x + centre.y + width + height + rotation) && width > 0 && height > 0;
}

cv::Matx23d Roi::to_picture() const {
  const double c = std::cos(rotation), s = std::sin(rotation);
  return {width * c, -height * s, -0.5 * width * c + 0.5 * height * s + centre.x,
          width * s, height * c,  -0.5 * height * c - 0.5 * width * s + centre.y};
}

Roi roi_of_picture(cv::Size picture) {
  const double side = std::max(picture.width, picture.height);
  return {{picture.width / 2.0, picture.height / 2.0}, side, side, 0};
}

Roi roi_of_box(const cv::Rect2d& box, const std::array<cv::Point2d, 2>& eyes) {
  return {centre_of(box), enlarged * box.width, enlarged * box.height, rotation_between(eyes[0], eyes[1])};
}

Roi roi_of_landmarks(std::span<const cv::Point3f> landmarks) {
  const auto [left, right] = std::ranges::minmax(landmarks, {}, &cv::Point3f::x);
  const auto [top, bottom] = std::ranges::minmax(landmarks, {}, &cv::Point3f::y);
  const double side = enlarged * std::max(right.x - left.x, bottom.y - top.y);
  const auto corner = [&](std::size_t i) { return cv::Point2d(landmarks[i].x, landmarks[i].y); };
  return {{(left.x + right.x) / 2.0, (top.y + bottom.y) / 2.0},
          side,
          side,
          rotation_between(corner(mesh::right_lids.outer), corner(mesh::left_lids.outer))};
}

Roi roi_of_detection(const Detection& face, const LandmarkBox& usual) {
  if (face.key_points) {
    cv::Point2d mean;
    for (const cv::Point2f& point : *face.key_points) mean += cv::Point2d(point) / 5;
    const double side = enlarged * std::max(face.box.width, 0.78 * face.box.height);
    return {mean, side, side, rotation_between((*face.key_points)[0], (*face.key_points)[1])};
  }
  // MediaPipe's own box is moved by (-0.02, -0.03) and 0.89, 1.03 times as large to become the landmarks' box (medians
  // over 33 faces).
  const cv::Rect2d landmarks = landmark_extent(face, usual);
  const double width = landmarks.width / 0.89, height = landmarks.height / 1.03;
  const double side = enlarged * std::max(width, height);
  return {centre_of(landmarks) + cv::Point2d(0.02 * width, 0.03 * height), side, side, 0};
}

cv::Mat cut_out(const cv::Mat& rgb, const Roi& roi, int side, Border border) {
  const Place place = within_limits(rgb, roi);
  const cv::Matx23d m = place.roi.to_picture();
  const auto corner = [&](double x, double y) {
    const cv::Vec2d at = m * cv::Vec3d(x, y, 1);
    return cv::Point2f(static_cast<float>(at[0]), static_cast<float>(at[1]));
  };
  const auto s = static_cast<float>(side);
  const std::array<cv::Point2f, 4> from{corner(0, 1), corner(0, 0), corner(1, 0), corner(1, 1)};
  const std::array<cv::Point2f, 4> to{cv::Point2f(0, s), {0, 0}, {s, 0}, {s, s}};
  cv::Mat out;
  cv::warpPerspective(place.pixels, out, cv::getPerspectiveTransform(from, to), {side, side}, cv::INTER_LINEAR,
                      border == Border::black ? cv::BORDER_CONSTANT : cv::BORDER_REPLICATE);
  return out;
}

}  // namespace dfpipe::face
