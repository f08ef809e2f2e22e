#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace dfpipe::explain {

/// The square of a face crop that CLIP sees by its own profile, which scales the shorter side to the model's size and
/// cuts the centre.
cv::Rect visible_square(cv::Size crop);

/// A part given in shares of the crop's width and height, in pixels of a crop of this size; may reach over its border.
cv::Rect visible_part(const cv::Rect2d& shares, cv::Size crop);

/// A [g,g] float map in [0,1], scaled bilinearly to `size`, truncated to 8 bits and coloured with the JET map: RGB.
cv::Mat colour_map(const cv::Mat& map, cv::Size size);

/// The same before it is coloured: [H,W] uint8, 255 times the map, truncated.
cv::Mat map_levels(const cv::Mat& map, cv::Size size);

/// The JET colours (RGB) of the 256 levels.
const std::array<cv::Vec3b, 256>& jet_colours();

/// The picture's size when its longer side is at most `longer_side`, its proportions kept; never larger than it is.
cv::Size size_within(cv::Size picture, int longer_side);

/// `crop` (RGB) with the coloured map, spread over `visible`, mixed in: (1 - opacity) crop + opacity map. A new
/// picture.
cv::Mat overlay(const cv::Mat& crop, const cv::Mat& map, const cv::Rect& visible, double opacity);

}  // namespace dfpipe::explain
