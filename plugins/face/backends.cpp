#include "backends.hpp"

#include <span>
#include <stdexcept>

#include "dlib_detector.hpp"
#include "haar_detector.hpp"
#include "landmarker_task.hpp"
#include "mediapipe_detector.hpp"
#include "model_files.hpp"
#include "yunet_detector.hpp"

namespace dfpipe::face {
namespace {

UsedFile used(const ModelFile& file) { return {file.path.filename().string(), file.sha256}; }

std::string best_present(const std::filesystem::path& models) {
  // With a mistyped folder a plainer detector would be taken in silence.
  if (std::error_code error; !models.empty() && !std::filesystem::is_directory(models, error))
    throw std::runtime_error(models.string() + ": there is no such folder of models");
  if (find_model_file(yunet_file, models)) return "yunet";
  return find_model_file(landmarker_file, models) ? "mediapipe" : "dlib";
}

/// What `make` makes of the file's two networks; what is wrong with them is told with the file and the command.
template <class Make>
auto of_task(const ModelFile& file, Make make) {
  try {
    return make(LandmarkerTask::read(std::as_bytes(std::span(file.bytes)), file.path.string()));
  } catch (const std::runtime_error& error) {
    const std::string text = error.what(), path = file.path.string() + ": ";
    refuse_model_file(landmarker_file, file.path, text.starts_with(path) ? text.substr(path.size()) : text);
  }
}

Backend make_mediapipe(const BackendOptions& options) {
  const ModelFile file = read_model_file(landmarker_file, options.models);
  auto detector = of_task(file, [&](LandmarkerTask task) {
    return std::make_unique<MediapipeDetector>(BlazeFace(std::move(task.detector)),
                                               std::make_shared<const FaceMesh>(std::move(task.landmarker)),
                                               options.detection.min_score, options.min_presence);
  });
  return {.detector = std::move(detector), .files = {used(file)}};
}

Backend make_box_detector(const std::string& name, const BackendOptions& options) {
  if (name == "dlib") return {.detector = make_dlib_detector(options.detection)};
  if (name == "yunet") {
    const ModelFile file = read_model_file(yunet_file, options.models);
    return {.detector = make_yunet_detector(file, options.detection), .files = {used(file)}};
  }
  if (name == "haar") {
    const ModelFile file = read_model_file(face_cascade_file, options.models);
    return {.detector = make_haar_detector(file, options.detection), .files = {used(file)}};
  }
  throw std::invalid_argument("there is no face detector '" + name + "'");
}

bool wants_mesh(const BackendOptions& options) {
  return options.landmarks == LandmarkUse::required ||
         (options.landmarks == LandmarkUse::automatic && find_model_file(landmarker_file, options.models));
}

}  // namespace

const std::vector<std::string>& backend_names() {
  static const std::vector<std::string> names{"auto", "mediapipe", "yunet", "dlib", "haar"};
  return names;
}

Backend make_backend(const BackendOptions& options) {
  const std::string name = options.detector == "auto" ? best_present(options.models) : options.detector;
  if (name == "mediapipe") return make_mediapipe(options);
  Backend backend = make_box_detector(name, options);
  if (wants_mesh(options)) {
    const ModelFile file = read_model_file(landmarker_file, options.models);
    backend.mesh =
        of_task(file, [](LandmarkerTask task) { return std::make_shared<const FaceMesh>(std::move(task.landmarker)); });
    backend.files.push_back(used(file));
  }
  return backend;
}

}  // namespace dfpipe::face
