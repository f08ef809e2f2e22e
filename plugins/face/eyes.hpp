#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "detector.hpp"

namespace dfpipe::face {

using Eyes = std::array<cv::Point2f, 2>;        ///< centres: image left, image right
using FivePoints = std::array<cv::Point2f, 5>;  ///< eyes (image left, right), nose tip, mouth corners

/// The five points of 478 landmarks in MediaPipe's numbering: the mean of each eye's ring of 16, the tip of the nose
/// (1), the corners of the mouth (61, 291). Throws std::invalid_argument for another number of landmarks.
FivePoints five_points(std::span<const cv::Point3f> landmarks);

/// The eyes as the face's landmarks have them, or else its key points.
std::optional<Eyes> known_eyes(const Detection& face);

/// A place that looks like an eye.
struct EyeCandidate {
  cv::Point2f centre;
  double certainty = 0;
};

/// The pair of candidates that can be the eyes of a face with this box and is surest together: level within 25 degrees,
/// 0.25 to 0.65 of the box's width apart, their middle within 0.2 widths of the box's.
std::optional<Eyes> surest_pair(const std::vector<EyeCandidate>& candidates, const cv::Rect2d& box);

}  // namespace dfpipe::face
