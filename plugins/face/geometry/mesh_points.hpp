#pragma once

#include <array>
#include <cstddef>

/// Numbers of MediaPipe's 478 face landmarks. "Right" is the subject's, on the left in the picture.
namespace dfpipe::mesh {

inline constexpr std::size_t count = 478;
inline constexpr std::size_t nose_tip = 1, above_nose_tip = 4;
inline constexpr std::size_t right_mouth_corner = 61, left_mouth_corner = 291;

/// Iris: centre, then its four outermost points.
struct Iris {
  std::size_t centre, rim;
};
inline constexpr Iris right_iris{468, 469}, left_iris{473, 474};

/// Corners and two pairs of lid points, as the eye aspect ratio wants them (Soukupova and Cech, CVWW 2016).
struct Lids {
  std::size_t outer, inner, upper_a, upper_b, lower_a, lower_b;
};
inline constexpr Lids right_lids{33, 133, 160, 158, 144, 153}, left_lids{263, 362, 387, 385, 373, 380};

/// Both lids, once around.
using EyeRing = std::array<std::size_t, 16>;
inline constexpr EyeRing right_eye{33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173};
inline constexpr EyeRing left_eye{263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398};

/// The face's outline, once around.
inline constexpr std::array<std::size_t, 36> oval{10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288,
                                                  397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
                                                  172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109};

}  // namespace dfpipe::mesh
