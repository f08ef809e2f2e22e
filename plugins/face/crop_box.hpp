#pragma once

#include <opencv2/core/types.hpp>

#include "detector.hpp"

namespace dfpipe::face {

/// The box around the face's landmarks, in pixels: their smallest and largest coordinates when there are any, otherwise
/// where they usually lie in this detector's box.
cv::Rect2d landmark_extent(const Detection& face, const LandmarkBox& usual);

/// `extent` with `padding` of its width and height added on each side, clamped to the picture, then truncated towards
/// zero; right and bottom are exclusive. Empty when nothing of it lies in the picture or a number is not finite.
cv::Rect crop_box(const cv::Rect2d& extent, double padding, cv::Size picture);

/// `box`, which lies in the picture, grown to a square about its centre and moved into the picture; where the square is
/// larger than the picture, clamped to it.
cv::Rect squared(const cv::Rect& box, cv::Size picture);

}  // namespace dfpipe::face
