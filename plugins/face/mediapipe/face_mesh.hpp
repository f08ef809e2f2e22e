#pragma once

#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>
#include <vector>

#include "detector.hpp"
#include "graph.hpp"
#include "mesh_points.hpp"
#include "roi.hpp"

namespace dfpipe::face {

/// MediaPipe's face mesh: 478 points of one face (Kartynnik et al., arXiv 1907.06724; irises: Ablavatski et al., arXiv
/// 2006.10962). One object serves all threads.
class FaceMesh {
 public:
  static constexpr std::size_t points = mesh::count;

  /// Throws tflite::FormatError when the network has other inputs or outputs than the mesh.
  explicit FaceMesh(tflite::Graph network);

  struct Result {
    std::vector<cv::Point3f> landmarks;  ///< in the picture's pixels; z, smaller is nearer, in the scale of x
    double presence = 0;                 ///< [0,1]: that a face is there
  };

  /// What the network makes of one part of a [H,W,3] uint8 RGB picture. Nothing, with presence 0, for a part that is
  /// not usable or when the network gives no numbers.
  Result look(const cv::Mat& rgb, const Roi& roi) const;

  /// The landmarks of a face that some detector found, in two looks: the second is taken where the first one's
  /// landmarks are, so that the result hardly depends on the detector. The presence is that of the second.
  Result find(const cv::Mat& rgb, const Detection& face, const LandmarkBox& usual) const;

  /// The network alone: landmarks in pixels of its input, a [S,S,3] uint8 picture.
  Result look_at_input(const cv::Mat& input) const;
  int side() const noexcept { return side_; }

 private:
  tflite::Graph network_;
  int side_;
};

}  // namespace dfpipe::face
