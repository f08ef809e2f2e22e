#pragma once

#include <optional>

#include "cascade.hpp"
#include "eyes.hpp"

namespace dfpipe::face {

/// Looks for the eyes of faces of which only the box is known, with OpenCV's cascade haarcascade_eye (by
/// S. Hameed) in the upper 60 % of the box. Serves all threads.
class EyeFinder {
 public:
  /// Throws std::runtime_error when `file` is no cascade.
  explicit EyeFinder(const ModelFile& file);

  /// The surest pair that can be eyes, in pixels of `rgb`; nothing when there is none. The box may reach over the
  /// border. Boxes wider than 200 px are searched on a reduced copy, so that the time does not grow with them.
  std::optional<Eyes> find(const cv::Mat& rgb, const cv::Rect2d& box) const;

 private:
  mutable CascadePool pool_;
};

}  // namespace dfpipe::face
