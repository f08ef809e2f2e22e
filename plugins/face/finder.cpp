#include "finder.hpp"

#include "face_mesh.hpp"
#include "model_files.hpp"

namespace dfpipe::face {

FaceFinder::FaceFinder(const BackendOptions& options, const Selection& selection)
    : backend_(make_backend(options)), min_presence_(options.min_presence), selection_(selection) {
  if (backend_.detector->gives_key_points() || !find_model_file(eye_cascade_file, options.models)) return;
  const ModelFile file = read_model_file(eye_cascade_file, options.models);
  eyes_ = std::make_unique<EyeFinder>(file);
  backend_.files.push_back({file.path.filename().string(), file.sha256});
}

FaceFinder::~FaceFinder() = default;

std::vector<Detection> FaceFinder::find(const cv::Mat& rgb) const {
  std::vector<Detection> faces = select_faces(backend_.detector->detect(rgb), selection_);
  for (Detection& face : faces) {
    if (backend_.mesh) add_landmarks(rgb, face);
    if (!face.landmarks.empty() && !face.key_points) face.key_points = five_points(face.landmarks);
    face.eyes = known_eyes(face);
    if (!face.eyes && eyes_) face.eyes = eyes_->find(rgb, face.box);
  }
  return faces;
}

void FaceFinder::add_landmarks(const cv::Mat& rgb, Detection& face) const {
  FaceMesh::Result result = backend_.mesh->find(rgb, face, landmark_box());
  face.presence = result.presence;
  if (result.presence > min_presence_) face.landmarks = std::move(result.landmarks);
}

std::string FaceFinder::name() const { return std::string(backend_.detector->name()) + (backend_.mesh ? "+mesh" : ""); }

std::string FaceFinder::name_for(const Detection& face) const {
  return face.landmarks.empty() ? std::string(backend_.detector->name()) : name();
}

bool FaceFinder::gives_key_points() const { return backend_.mesh || backend_.detector->gives_key_points(); }

}  // namespace dfpipe::face
