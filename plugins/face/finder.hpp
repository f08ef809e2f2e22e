#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends.hpp"
#include "eye_finder.hpp"
#include "selection.hpp"

namespace dfpipe::face {

/// All that is known of the faces of a picture: a detector, the choice among what it found, and what tells more of
/// each chosen face. One object serves all threads.
class FaceFinder {
 public:
  /// Throws what `make_backend` throws.
  explicit FaceFinder(const BackendOptions& options, const Selection& selection = {});
  ~FaceFinder();
  FaceFinder(const FaceFinder&) = delete;
  FaceFinder& operator=(const FaceFinder&) = delete;

  /// The chosen faces of a [H,W,3] uint8 RGB picture, from left to right. A mesh behind the detector gives each its
  /// presence, and landmarks where that is above `min_presence`. Key points are the detector's, else the landmarks';
  /// eyes the landmarks', else the key points', else what the eye cascade finds.
  std::vector<Detection> find(const cv::Mat& rgb) const;

  /// Who finds faces and landmarks: "yunet", "yunet+mesh", "mediapipe".
  std::string name() const;
  /// Who found these of this face: "yunet+mesh" only where it has landmarks.
  std::string name_for(const Detection& face) const;
  /// Whether faces have key points; behind a mesh, those whose landmarks are believed.
  bool gives_key_points() const;
  LandmarkBox landmark_box() const { return backend_.detector->landmark_box(); }
  /// The files that results depend on.
  const std::vector<UsedFile>& files() const { return backend_.files; }

 private:
  void add_landmarks(const cv::Mat& rgb, Detection& face) const;

  Backend backend_;
  double min_presence_;
  Selection selection_;
  std::unique_ptr<const EyeFinder> eyes_;  ///< none where the detector gives key points, or without the file
};

}  // namespace dfpipe::face
