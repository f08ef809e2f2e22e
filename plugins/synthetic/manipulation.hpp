#pragma once

#include <string>
#include <vector>

#include "scene.hpp"

namespace dfpipe::synthetic {

/// The ways a face can be manipulated:
///
/// - "upsampled": the inner face comes from half the resolution, enlarged by a transposed convolution whose kernel does
///   not cover all pixels equally, which leaves a regular pattern (Odena et al., "Deconvolution and Checkerboard
///   Artifacts", Distill 2016);
/// - "blended": the inner face is another one's, with its own skin and light, pasted with a narrow seam;
/// - "smoothed": the inner face has lost its pores and its camera noise.
const std::vector<std::string>& manipulation_kinds();

/// The photographed scene with every face manipulated. [S,S] uint8 RGB. Throws std::invalid_argument for an unknown
/// kind.
cv::Mat manipulated_photograph(Random& random, const Scene& scene, const std::string& kind);

}  // namespace dfpipe::synthetic
