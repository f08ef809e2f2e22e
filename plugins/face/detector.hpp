#pragma once

#include <array>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace dfpipe::face {

/// One face as a detector sees it, in pixels of the picture it was given.
struct Detection {
  cv::Rect2d box;                                          ///< may reach over the border
  double score = 0;                                        ///< the detector's own scale, higher is surer
  std::optional<std::array<cv::Point2f, 5>> key_points{};  ///< eyes (image left, right), nose, mouth corners
  std::vector<cv::Point3f> landmarks{};                    ///< 478 or none; z in the scale of x
  std::optional<double> presence{};                        ///< [0,1]: that the landmarks lie on a face
  std::optional<std::array<cv::Point2f, 2>> eyes{};        ///< centres (image left, right)
};

/// How the box of a face's landmarks usually lies in a detector's own box: its centre is moved by `dx` widths and `dy`
/// heights, its size is multiplied. A detector that gives landmarks needs none of it.
struct LandmarkBox {
  double dx = 0;
  double dy = 0;
  double width = 1;
  double height = 1;
};

struct DetectorOptions {
  /// Pictures with more than this squared in pixels are searched on a reduced copy; 0: the detector's own choice.
  double max_side = 0;
  /// Less certain faces are not given, on the detector's own scale; 0: the detector's own choice.
  double min_score = 0;
};

/// Finds faces. One object serves all threads: `detect` may be called by several at once, and implementations whose
/// machinery is bound to a thread keep one per call in flight.
class FaceDetector {
 public:
  FaceDetector() = default;
  FaceDetector(const FaceDetector&) = delete;
  FaceDetector& operator=(const FaceDetector&) = delete;
  virtual ~FaceDetector();

  /// All faces of a [H,W,3] uint8 RGB picture of any size, in no particular order; doubles are possible.
  virtual std::vector<Detection> detect(const cv::Mat& rgb) const = 0;
  virtual std::string_view name() const = 0;
  /// Whether every face has key points, or landmarks that they follow from.
  virtual bool gives_key_points() const { return false; }
  virtual LandmarkBox landmark_box() const { return {}; }
};

}  // namespace dfpipe::face
