#include "finder.hpp"

#include "model_files.hpp"

namespace dfpipe::face {

FaceFinder::FaceFinder(const FinderOptions& options)
    : backend_(make_backend(options.detector, options.models, options.detection)), selection_(options.selection) {
  if (backend_.detector->gives_key_points() || !find_model_file(eye_cascade_file, options.models)) return;
  const ModelFile file = read_model_file(eye_cascade_file, options.models);
  eyes_ = std::make_unique<EyeFinder>(file);
  backend_.files.push_back({file.path.filename().string(), file.sha256});
}

std::vector<Detection> FaceFinder::find(const cv::Mat& rgb) const {
  std::vector<Detection> faces = select_faces(backend_.detector->detect(rgb), selection_);
  for (Detection& face : faces) {
    if (!face.landmarks.empty() && !face.key_points) face.key_points = five_points(face.landmarks);
    face.eyes = known_eyes(face);
    if (!face.eyes && eyes_) face.eyes = eyes_->find(rgb, face.box);
  }
  return faces;
}

}  // namespace dfpipe::face
