#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector.hpp"

namespace dfpipe::face {

/// A file that results depend on.
struct UsedFile {
  std::string name;    ///< without its folder
  std::string sha256;  ///< lower-case hex
};

/// A detector and what it was made of.
struct Backend {
  std::unique_ptr<FaceDetector> detector;
  std::vector<UsedFile> files{};
};

/// What `make_backend` knows, "auto" first, then from the best to the plainest.
const std::vector<std::string>& backend_names();

/// The detector of that name, with its files out of the folder `models` (which may be empty). "auto" is the first of
/// yunet, dlib, haar whose file is there. A file that is there but damaged is an error for "auto" too: scores must not
/// depend on what a broken download leaves.
///
/// Throws std::invalid_argument for another name, std::runtime_error for a file that is missing or damaged.
Backend make_backend(std::string_view name, const std::filesystem::path& models, const DetectorOptions& options = {});

}  // namespace dfpipe::face
