#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "graph.hpp"

namespace dfpipe::face {

/// The two networks of MediaPipe's `face_landmarker.task`, an archive of TensorFlow Lite models: the published float16
/// file, version 1, or one of the same layout (face_landmarker_v2.task).
struct LandmarkerTask {
  tflite::Graph detector;    ///< [1,S,S,3] -> [1,A,16], [1,A,1] (face_detector.tflite)
  tflite::Graph landmarker;  ///< [1,S,S,3] -> 478 points, presence (face_landmarks_detector.tflite)

  /// Throws std::runtime_error that begins with `where`: no such archive, a git-LFS pointer in its place, a network
  /// that is missing, damaged or of another kind. The bytes are not needed afterwards.
  static LandmarkerTask read(std::span<const std::byte> file, const std::string& where);
};

}  // namespace dfpipe::face
