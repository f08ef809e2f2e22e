#include "align.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "similarity.hpp"

namespace dfpipe::face {
namespace {

constexpr double template_side = 112;
const std::array<cv::Point2d, 5> template_points{
    {{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}};

std::array<cv::Point2d, 5> doubled(const FivePoints& points) {
  std::array<cv::Point2d, 5> out;
  std::ranges::copy(points, out.begin());
  return out;
}

/// The smallest box around what a picture of `size` pixels shows under `from_picture`, clamped; `margin` pixels more on
/// each side. A pixel's centre has whole coordinates, as in cv::warpAffine.
cv::Rect shown(const Similarity& from_picture, int size, int margin, cv::Size picture) {
  const Similarity back = from_picture.inverse();
  double left = 1e30, top = 1e30, right = -1e30, bottom = -1e30;
  for (const double x : {-0.5, size - 0.5})
    for (const double y : {-0.5, size - 0.5}) {
      const cv::Point2d corner = back({x, y}) + cv::Point2d(0.5, 0.5);
      left = std::min(left, corner.x), right = std::max(right, corner.x);
      top = std::min(top, corner.y), bottom = std::max(bottom, corner.y);
    }
  const auto cut = [](double value, int most) {
    return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(most)));
  };
  constexpr double rounding = 1e-3;  // key points are float
  left += rounding, top += rounding, right -= rounding, bottom -= rounding;
  const cv::Point low(cut(std::floor(left) - margin, picture.width), cut(std::floor(top) - margin, picture.height));
  const cv::Point high(cut(std::ceil(right) + margin, picture.width), cut(std::ceil(bottom) + margin, picture.height));
  return {low, high};
}

/// From the pixels of `copy`, which shows `part` of a picture, to those of the picture.
cv::Matx23d to_picture(const cv::Mat& copy, const cv::Rect& part) {
  const double sx = static_cast<double>(part.width) / copy.cols, sy = static_cast<double>(part.height) / copy.rows;
  return {sx, 0, part.x + 0.5 * sx - 0.5, 0, sy, part.y + 0.5 * sy - 0.5};
}

cv::Matx23d after(const cv::Matx23d& second, const cv::Matx23d& first) {
  const auto square = [](const cv::Matx23d& m) {
    return cv::Matx33d(m(0, 0), m(0, 1), m(0, 2), m(1, 0), m(1, 1), m(1, 2), 0, 0, 1);
  };
  const cv::Matx33d both = square(second) * square(first);
  return {both(0, 0), both(0, 1), both(0, 2), both(1, 0), both(1, 1), both(1, 2)};
}

}  // namespace

FivePoints aligned_template(double scale, double size) {
  FivePoints points;
  const cv::Point2d margin = cv::Point2d(1, 1) * ((scale - 1) / 2 * template_side);
  for (std::size_t i = 0; i < points.size(); ++i)
    points[i] = cv::Point2f((template_points[i] + margin) * (size / (scale * template_side)));
  return points;
}

std::optional<AlignedFace> align_face(const cv::Mat& rgb, const FivePoints& points, double scale, int size) {
  const auto wanted = fit_similarity(doubled(points), doubled(aligned_template(scale, size)));
  if (!wanted) return std::nullopt;
  const cv::Rect box = shown(*wanted, size, 0, rgb.size());
  if (box.empty()) return std::nullopt;

  const cv::Rect part = shown(*wanted, size, 2, rgb.size());  // the neighbours that bilinear sampling reaches for
  cv::Mat source = rgb(part);
  const double reduction = wanted->scale();
  if (reduction < 1) {
    const auto length = [&](int of) { return std::max(1, static_cast<int>(std::lround(of * reduction))); };
    cv::Mat copy;
    cv::resize(source, copy, {length(part.width), length(part.height)}, 0, 0, cv::INTER_AREA);
    source = copy;
  }
  AlignedFace face{{}, box};
  cv::warpAffine(source, face.pixels, after(wanted->matrix(), to_picture(source, part)), {size, size}, cv::INTER_LINEAR,
                 cv::BORDER_CONSTANT);
  return face;
}

}  // namespace dfpipe::face
