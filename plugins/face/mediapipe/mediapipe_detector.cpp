#include "mediapipe_detector.hpp"

namespace dfpipe::face {

MediapipeDetector::MediapipeDetector(BlazeFace detector, std::shared_ptr<const FaceMesh> mesh, double min_score,
                                     double min_presence)
    : detector_(std::move(detector)),
      mesh_(std::move(mesh)),
      min_score_(min_score > 0 ? min_score : 0.5),
      min_presence_(min_presence) {}

std::vector<Detection> MediapipeDetector::detect(const cv::Mat& rgb) const {
  std::vector<Detection> faces;
  for (const Candidate& found : detector_.find(rgb, min_score_)) {
    FaceMesh::Result mesh = mesh_->look(rgb, roi_of_box(found.box, {found.points[0], found.points[1]}));
    if (!(mesh.presence > min_presence_)) continue;
    faces.push_back(
        {.box = found.box, .score = found.score, .landmarks = std::move(mesh.landmarks), .presence = mesh.presence});
  }
  return faces;
}

}  // namespace dfpipe::face
