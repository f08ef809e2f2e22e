#include "similarity.hpp"

#include <cmath>

namespace dfpipe::face {

double Similarity::scale() const { return cv::norm(a); }

Similarity Similarity::inverse() const {
  const double square = a.dot(a);
  const Similarity turn{{a[0] / square, -a[1] / square}, {0, 0}};
  const cv::Point2d shift = turn({b[0], b[1]});
  return {turn.a, {-shift.x, -shift.y}};
}

cv::Matx23d Similarity::matrix() const { return {a[0], -a[1], b[0], a[1], a[0], b[1]}; }

std::optional<Similarity> fit_similarity(std::span<const cv::Point2d> from, std::span<const cv::Point2d> to) {
  cv::Point2d from_mean, to_mean;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from_mean += from[i] / static_cast<double>(from.size());
    to_mean += to[i] / static_cast<double>(from.size());
  }
  double square = 0;
  cv::Vec2d a{0, 0};
  for (std::size_t i = 0; i < from.size(); ++i) {
    const cv::Point2d f = from[i] - from_mean, t = to[i] - to_mean;
    a += cv::Vec2d(f.dot(t), f.cross(t));
    square += f.dot(f);
  }
  a /= square;
  const double scale = cv::norm(a);
  if (!(square > 1e-6) || !(scale > 1e-6) || !std::isfinite(scale)) return std::nullopt;
  const cv::Point2d moved = Similarity{a, {0, 0}}(from_mean);
  return Similarity{a, {to_mean.x - moved.x, to_mean.y - moved.y}};
}

}  // namespace dfpipe::face
