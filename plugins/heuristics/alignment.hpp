#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core/types.hpp>
#include <optional>

#include "dfpipe/types/face.hpp"
#include "similarity.hpp"

/// Where a face lies in the frame that all measures share.
namespace dfpipe::heuristics {

/// Side of the frame in pixels. Its middle column lies between two pixels, so mirrored faces have mirrored frames.
inline constexpr int frame_side = 256;
inline constexpr double frame_middle = (frame_side - 1) / 2.0;

/// The usual face in the frame: DeepfakeBench's 112-pixel template at scale 1.3, made symmetric.
inline constexpr double template_eye_distance = 62;
inline constexpr double template_face_width = 150;
inline const std::array<cv::Point2d, 4> template_points{
    {{frame_middle - 31, 120}, {frame_middle + 31, 120}, {frame_middle - 25.7, 191.8}, {frame_middle + 25.7, 191.8}}};

/// What the alignment rests on, the best first.
enum class Anchor : std::uint8_t { landmarks, key_points, eyes, box };

using face::fit_similarity;
using face::Similarity;

struct Alignment {
  Anchor anchor = Anchor::box;
  Similarity to_frame;                             ///< from the picture's pixels
  std::optional<std::array<cv::Point2d, 2>> eyes;  ///< centres in the picture (image left, right); none with a box
  /// (d(nose, left eye) - d(nose, right eye)) / d(eyes): 0 from the front. Empty where the nose is not known.
  std::optional<double> yaw;
  double face_width = 0;  ///< of the face in the picture, pixels
};

/// By the best of the face's landmarks, key points, eyes and crop box that is usable: finite, no further from the
/// picture than a thousand of its sides, eyes apart. Eyes and mouth corners decide, the nose does not: it moves with
/// the head's turn. The crop box becomes the whole frame. Empty when not even the box is usable.
std::optional<Alignment> align(const Face& face);

}  // namespace dfpipe::heuristics
