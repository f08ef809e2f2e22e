#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends.hpp"
#include "eye_finder.hpp"
#include "selection.hpp"

namespace dfpipe::face {

struct FinderOptions {
  std::string detector = "auto";
  std::filesystem::path models{};  ///< folder of model files; may be empty
  DetectorOptions detection{};
  Selection selection{};
};

/// All that is known of the faces of a picture: a detector, the choice among what it found, and what tells more of
/// each chosen face. One object serves all threads.
class FaceFinder {
 public:
  /// Throws what `make_backend` throws.
  explicit FaceFinder(const FinderOptions& options);

  /// The chosen faces of a [H,W,3] uint8 RGB picture, from left to right, with their eyes where anything tells them.
  std::vector<Detection> find(const cv::Mat& rgb) const;

  /// Who found the faces, "yunet" for example.
  std::string name() const { return std::string(backend_.detector->name()); }
  bool gives_key_points() const { return backend_.detector->gives_key_points(); }
  LandmarkBox landmark_box() const { return backend_.detector->landmark_box(); }
  /// The files that results depend on.
  const std::vector<UsedFile>& files() const { return backend_.files; }

 private:
  Backend backend_;
  Selection selection_;
  std::unique_ptr<const EyeFinder> eyes_;  ///< none where the detector gives key points, or without the file
};

}  // namespace dfpipe::face
