#include "detector.hpp"

#include <stdexcept>

#include "dlib_detector.hpp"

namespace dfpipe::face {

FaceDetector::~FaceDetector() = default;

const std::vector<std::string>& detector_names() {
  static const std::vector<std::string> names{"auto", "dlib"};
  return names;
}

std::unique_ptr<FaceDetector> make_detector(std::string_view name, const DetectorOptions& options) {
  if (name == "auto" || name == "dlib") return make_dlib_detector(options);
  throw std::invalid_argument("there is no face detector '" + std::string(name) + "'");
}

}  // namespace dfpipe::face
