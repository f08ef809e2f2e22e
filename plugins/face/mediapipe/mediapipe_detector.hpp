#pragma once

#include <memory>

#include "blaze_face.hpp"
#include "detector.hpp"
#include "face_mesh.hpp"

namespace dfpipe::face {

/// MediaPipe's Face Landmarker for single pictures: its own detector finds the faces, the mesh looks once at each, a
/// face whose presence is not above `min_presence` is none. Every face has landmarks; its score is the detector's,
/// [0,1]. `min_score` 0 stands for MediaPipe's default, 0.5.
class MediapipeDetector final : public FaceDetector {
 public:
  MediapipeDetector(BlazeFace detector, std::shared_ptr<const FaceMesh> mesh, double min_score, double min_presence);

  std::vector<Detection> detect(const cv::Mat& rgb) const override;
  std::string_view name() const override { return "mediapipe"; }
  bool gives_key_points() const override { return true; }

 private:
  BlazeFace detector_;
  std::shared_ptr<const FaceMesh> mesh_;
  double min_score_, min_presence_;
};

}  // namespace dfpipe::face
