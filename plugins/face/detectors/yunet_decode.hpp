#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "detector.hpp"

namespace dfpipe::face {

/// What YuNet 2023mar says at one of its strides (8, 16, 32): float32, one row for each of the (H/stride)(W/stride)
/// places of the padded picture [H,W], row by row.
struct YunetLevel {
  int stride = 8;
  cv::Mat face;        ///< [n,1] that there is a face
  cv::Mat object;      ///< [n,1] how well the box fits
  cv::Mat box;         ///< [n,4] centre in strides from the place, logarithm of the size in strides
  cv::Mat key_points;  ///< [n,10] x, y of five points in strides from the place
};

/// The faces of one level with a score of at least `min_score`, in pixels of the padded picture. With column c, row r
/// and stride s: score = sqrt(clamp(face) clamp(object)), clamped to [0,1]; centre = ((c + b0) s, (r + b1) s); size =
/// (exp(b2) s, exp(b3) s); point i = ((k[2i] + c) s, (k[2i+1] + r) s). Wu et al., "YuNet: A Tiny Millisecond-level Face
/// Detector", Machine Intelligence Research 2023. What is not finite is left out. Throws std::invalid_argument when a
/// tensor has another number of values than `padded` wants.
std::vector<Detection> decode_yunet(const YunetLevel& level, cv::Size padded, double min_score);

/// Greedy non-maximum suppression: the surest box stays and removes those with which its intersection over union is
/// above `overlap`, and so on. Sorted by score, the surest first.
std::vector<Detection> suppress_overlaps(std::vector<Detection> faces, double overlap);

}  // namespace dfpipe::face
