#pragma once

#include <opencv2/core/matx.hpp>
#include <opencv2/core/types.hpp>

#include "dfpipe/random.hpp"

namespace dfpipe::synthetic {

/// Linear RGB, 0..1.
using Colour = cv::Vec3f;

/// Everything that makes one drawn face. Lengths are shares of half the face's width.
struct FaceLook {
  cv::Point2d centre;     ///< between eyes and nose, in pixels
  double half_width = 0;  ///< of the face at the cheeks, in pixels
  double roll = 0;        ///< radians, clockwise
  double yaw = 0;         ///< how far the features are shifted to the image's right

  Colour skin, hair, iris, lips, clothes;
  double skin_texture = 0;  ///< strength of freckles and pores
  double jaw = 0;           ///< 0 pointed … 1 square
  double eye_distance = 0;  ///< of an eye from the midline
  double eye_opening = 0;
  double brow_thickness = 0;
  double brow_height = 0;  ///< above the eye
  double nose_width = 0;
  double nose_length = 0;
  double mouth_width = 0;
  double smile = 0;  ///< how far the mouth's corners are raised
  double lip_fullness = 0;
  double hairline = 0;      ///< how far the hair reaches down the forehead
  double hair_length = 0;   ///< 0 short … 1 to the shoulders
  double beard = 0;         ///< 0 none … 1 dark
  cv::Vec3d light;          ///< towards the light, length 1; y down, z to the viewer
  double ambient = 0;       ///< share of light from everywhere
  std::uint64_t grain = 0;  ///< key of the skin's and hair's random texture
};

/// A face at its place, all the rest drawn from `random`.
FaceLook random_look(Random& random, cv::Point2d centre, double half_width);

}  // namespace dfpipe::synthetic
