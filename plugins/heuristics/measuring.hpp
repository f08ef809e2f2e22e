#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aligned_face.hpp"

/// The six measurements of the calibrated definitions: raw numbers without a judgement. See
/// framework/docs/heuristics.md for what each can say and what it cannot.
namespace dfpipe::heuristics {

struct Raw {
  std::vector<std::optional<double>> parts;  ///< in the order of the measure's definition; empty: nothing measured
  double validity = 0;                       ///< [0,1]
  std::string doubt;                         ///< why there is no number, or why the validity is low
};

/// ssim: mean structural similarity (Wang et al., IEEE TIP 13(4), 2004) of the face and its mirror image, local
/// brightness divided out. [-1,1]. Wants the eyes.
Raw symmetry(const AlignedFace& face);

/// agreement: 0.6 overlap of the highlights in both irises (Hu, Li and Lyu, ICASSP 2021) + 0.2 likeness of brightness
/// + 0.2 likeness of colour. [0,1]. Wants the eyes.
Raw eyes(const AlignedFace& face, const Face& found);

/// detail: log10 of the Laplacian's variance on the skin over its squared mean brightness. patterns: entropy of uniform
/// local binary patterns (Ojala et al., PAMI 24(7), 2002), [0,1].
Raw texture(const AlignedFace& face);

/// outline: log2 of the mean gradient across the face's outline, on it over on both sides of it. Blending leaves its
/// seam there (Li et al., Face X-ray, CVPR 2020). Wants the eyes.
Raw edges(const AlignedFace& face);

/// fit: share of the shading's variance that a Lambertian ellipsoid under one light explains. turn: angle between the
/// light's directions on the upper and the lower half, in half turns, [0,1].
Raw lighting(const AlignedFace& face);

/// pattern: height of the strongest regular pattern in the noise, decades above chance. ratio: log2 of the noise in the
/// face over that around it. channels: correlation of red and green noise, [-1,1].
Raw noise(const AlignedFace& face);

}  // namespace dfpipe::heuristics
