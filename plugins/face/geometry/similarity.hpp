#pragma once

#include <opencv2/core/matx.hpp>
#include <opencv2/core/types.hpp>
#include <optional>
#include <span>

namespace dfpipe::face {

/// x -> a x + b on complex numbers: rotation, scale and shift, no reflection.
struct Similarity {
  cv::Vec2d a{1, 0};
  cv::Vec2d b{0, 0};

  cv::Point2d operator()(const cv::Point2d& p) const {
    return {a[0] * p.x - a[1] * p.y + b[0], a[1] * p.x + a[0] * p.y + b[1]};
  }
  double scale() const;
  Similarity inverse() const;
  /// [2,3], applied to (x, y, 1).
  cv::Matx23d matrix() const;
};

/// The similarity that brings `from` to `to`, as many points, with the least squared error (Umeyama, "Least-Squares
/// Estimation of Transformation Parameters Between Two Point Patterns", PAMI 13(4), 1991; in the plane it is a complex
/// regression). Empty when the points lie in one place or are not finite.
std::optional<Similarity> fit_similarity(std::span<const cv::Point2d> from, std::span<const cv::Point2d> to);

}  // namespace dfpipe::face
