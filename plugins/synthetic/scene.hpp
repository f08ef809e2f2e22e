#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "face_look.hpp"

namespace dfpipe::synthetic {

/// What a picture shows before a camera sees it.
struct Scene {
  cv::Mat canvas;  ///< [S,S] float RGB, linear, 0..1
  std::vector<FaceLook> faces;
};

/// A square picture of `side` pixels with `faces` faces side by side before a plain background.
Scene random_scene(Random& random, int side, int faces);

/// The same scene, each face given another look: another skin, another light. Places and poses stay.
Scene with_other_faces(Random& random, const Scene& scene);

/// What a camera makes of it: lens blur, shot and read noise, gamma, 8 bits. [S,S] uint8 RGB.
cv::Mat photograph(Random& random, const cv::Mat& canvas);

}  // namespace dfpipe::synthetic
