#pragma once

#include <opencv2/core/mat.hpp>

#include "eyes.hpp"

namespace dfpipe::face {

/// Where the five points lie in a square picture of `size` pixels that shows `scale` times the template's square: the
/// template of DeepfakeBench (Yan et al., NeurIPS 2023), which is InsightFace's of 112x112.
FivePoints aligned_template(double scale, double size);

/// A face brought to the template.
struct AlignedFace {
  cv::Mat pixels;     ///< [size,size,3] uint8 RGB; black where the picture ends
  cv::Rect crop_box;  ///< the smallest box around what is shown, clamped to the picture
};

/// Cuts the face out along the template, bilinear. A face larger than in the template is first reduced by the mean of
/// areas to the template's scale, so that nothing aliases; a smaller one is enlarged. Nothing when the points have no
/// similarity to the template, or nothing of what would be shown lies in the picture.
std::optional<AlignedFace> align_face(const cv::Mat& rgb, const FivePoints& points, double scale, int size);

}  // namespace dfpipe::face
