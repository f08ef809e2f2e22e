#pragma once

#include <opencv2/core/mat.hpp>
#include <vector>

#include "face_look.hpp"

namespace dfpipe::synthetic {

/// What a picture shows before a camera sees it.
struct Scene {
  cv::Mat canvas;  ///< [S,S] float RGB, linear, 0..1
  std::vector<FaceLook> faces;
  cv::Mat shade;  ///< [S,S] float, the light that reaches each place of `canvas`; empty: all of it
};

/// A square picture of `side` pixels with `faces` faces side by side before a plain background.
Scene random_scene(Random& random, int side, int faces);

/// A square picture of `side` pixels with one face, as large in it as in a detector's box enlarged by 1.4, before
/// `clutter` soft shapes, half in the shade of something.
Scene random_portrait(Random& random, int side, int clutter);

/// The same scene, each face given another look: another skin, another light. Places and poses stay.
Scene with_other_faces(Random& random, const Scene& scene);

}  // namespace dfpipe::synthetic
