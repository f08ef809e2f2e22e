#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "dfpipe/random.hpp"
#include "dfpipe/types/degradation.hpp"

namespace dfpipe::augment {

/// OpenCV's nearest, linear, cubic, area and lanczos, and Pillow's bicubic, which alone of the six weighs all pixels
/// that it shrinks away together (as area does without weights): what CLIP's own preprocessing does.
const std::vector<std::string>& resize_filters();

/// `rgb` ([h,w,3] uint8) after the degradation, in its own size:
///
///     jpeg    there and back through JPEG, 4:2:0
///     blur    Gaussian, kernel of 6 sigma + 1 rounded to odd, borders mirrored
///     resize  the shorter side to `strength`, the longer one in proportion, then back, both with the filter
///     noise   independent normal noise in every colour of every pixel, from `random`
///
/// `rgb` itself is never changed; without a degradation the result is the same handle. Throws Error "parameters" for a
/// strength or a filter that there is not.
cv::Mat degraded(const cv::Mat& rgb, const Degradation& degradation, Random& random);

}  // namespace dfpipe::augment
