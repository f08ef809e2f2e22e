#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "detector.hpp"

namespace dfpipe::face {

class FaceMesh;

/// A file that results depend on.
struct UsedFile {
  std::string name;    ///< without its folder
  std::string sha256;  ///< lower-case hex
};

enum class LandmarkUse : std::uint8_t {
  automatic,  ///< where the mesh's file is there
  off,        ///< no mesh behind the detector; "mediapipe" has its own
  required    ///< a missing file is an error
};

struct BackendOptions {
  std::string detector = "auto";
  std::filesystem::path models{};  ///< folder of model files; may be empty
  DetectorOptions detection{};
  LandmarkUse landmarks = LandmarkUse::automatic;
  double min_presence = 0.5;  ///< of landmarks, above which they are believed
};

/// A detector, what finds landmarks behind it, and the files that both were made of.
struct Backend {
  std::unique_ptr<FaceDetector> detector;
  std::shared_ptr<const FaceMesh> mesh{};  ///< none behind a detector that gives landmarks itself
  std::vector<UsedFile> files{};
};

/// What `BackendOptions::detector` may be, "auto" first.
const std::vector<std::string>& backend_names();

/// "auto" is the first of yunet, mediapipe and dlib whose file is in `models`. A file that is there but damaged is an
/// error for "auto" too: results must not depend on a broken download.
///
/// Throws std::invalid_argument for another name, std::runtime_error for a file that is missing or damaged, and for a
/// folder that is not there.
Backend make_backend(const BackendOptions& options);

}  // namespace dfpipe::face
