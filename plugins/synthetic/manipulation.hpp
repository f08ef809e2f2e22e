#pragma once

#include <string>
#include <vector>

#include "camera.hpp"
#include "scene.hpp"

namespace dfpipe::synthetic {

/// The ways a face can be manipulated:
///
/// - "upsampled": the inner face comes from half the resolution, enlarged by a transposed convolution whose kernel does
///   not cover all pixels equally, which leaves a regular pattern (Odena et al., "Deconvolution and Checkerboard
///   Artifacts", Distill 2016);
/// - "blended": the inner face is another one's, with its own skin and light, pasted with a narrow seam;
/// - "smoothed": the inner face has lost its pores and its camera noise;
/// - "swapped": the inner face is another one's, rendered without a sensor at a lower resolution, matched in colour and
///   pasted with a wide seam;
/// - "checkered": the inner face went through two such transposed convolutions, from a quarter of the resolution, with
///   smooth detail added: peaks at every quarter of the sampling frequency;
/// - "resynthesised": the whole picture is rendered without a sensor at a lower resolution and enlarged.
const std::vector<std::string>& manipulation_kinds();

/// Throws std::invalid_argument, with those there are, for a name that is none of them.
void check_manipulation_kind(const std::string& kind);

/// What a camera made of a scene.
struct Photograph {
  Exposure exposure;
  cv::Mat pixels;  ///< [S,S] uint8 RGB
};

struct Forgery {
  cv::Mat pixels;  ///< [S,S] uint8 RGB
  cv::Mat mask;    ///< [S,S] float, how much of each pixel is manipulated
};

/// The photograph with every face of its scene manipulated. Throws std::invalid_argument for an unknown kind.
Forgery forged(Random& random, const Scene& scene, const Photograph& genuine, const Camera& camera,
               const std::string& kind);

/// The scene photographed, with every face manipulated. [S,S] uint8 RGB.
cv::Mat manipulated_photograph(Random& random, const Scene& scene, const Camera& camera, const std::string& kind);

}  // namespace dfpipe::synthetic
