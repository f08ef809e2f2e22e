#pragma once

#include <opencv2/core/mat.hpp>
#include <variant>

#include "alignment.hpp"

namespace dfpipe::heuristics {

/// A face in the common frame: 256x256, eyes 62 px apart on row 120. All that the six measures look at, except that
/// eyes and noise go back to the picture's own pixels.
struct AlignedFace {
  Alignment alignment;
  cv::Mat picture;        ///< [H,W,3] uint8 RGB: the whole picture, shared
  cv::Mat rgb;            ///< [256,256,3] uint8
  cv::Mat grey;           ///< [256,256] float: luma after BT.601, [0,1]
  cv::Mat distance;       ///< [256,256] float: pixels from the face's outline, negative inside
  cv::Mat present;        ///< [256,256] uint8: 255 where the picture reaches
  cv::Mat skin;           ///< [256,256] uint8: 255 on skin: see aligned_face.cpp
  double visible = 0;     ///< share of the face's inside that the picture shows, [0,1]
  double skin_share = 0;  ///< share of the face's inside that is skin, [0,1]

  /// [0,1]: 1 where the face is at least `pixels` wide in the picture.
  double size_validity(double pixels) const;
};

/// Why there is nothing to measure: a sentence without a full stop.
struct NoFace {
  std::string why;
};

/// Brings the face into the frame. The work depends on the face's size in the picture, not on the picture's. `picture`:
/// [H,W,3] uint8 RGB, not empty.
std::variant<AlignedFace, NoFace> aligned_face(const Face& face, const cv::Mat& picture);

/// The picture seen through a similarity: `side` x `side` pixels of it, smoothed where it is reduced, the border's
/// pixels repeated beyond it. Empty where the view lies beyond the picture altogether. [side,side,3] uint8.
cv::Mat view(const cv::Mat& picture, const Similarity& to_view, int side);

/// [rows,cols] float luma after ITU-R BT.601, [0,1], of uint8 RGB.
cv::Mat luma(const cv::Mat& rgb);

}  // namespace dfpipe::heuristics
