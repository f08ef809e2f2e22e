#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "candidates.hpp"
#include "graph.hpp"

namespace dfpipe::face {

/// MediaPipe's short-range face detector: the whole picture in a square of 128 px, so faces smaller than about a
/// sixth of it are missed. One object serves all threads.
class BlazeFace {
 public:
  /// Throws tflite::FormatError when the network has other inputs or outputs than that detector.
  explicit BlazeFace(tflite::Graph network);

  /// The faces of a [H,W,3] uint8 RGB picture, surest first, in the picture's pixels.
  std::vector<Candidate> find(const cv::Mat& rgb, double min_score) const;

  /// All that the network sees, before doubles are suppressed, in units of its square input.
  std::vector<Candidate> candidates(const cv::Mat& input, double min_score) const;
  int side() const noexcept { return side_; }

 private:
  tflite::Graph network_;
  int side_;
  std::vector<cv::Point2d> anchors_;
};

}  // namespace dfpipe::face
