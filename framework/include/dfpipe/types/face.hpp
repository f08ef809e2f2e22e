#pragma once

#include <array>
#include <opencv2/core/types.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/types/image.hpp"

namespace dfpipe {

/// One face in a picture. Coordinates are pixels of the upright picture, origin at its top left corner.
struct Face {
  cv::Rect2d box;                                        ///< as the detector gives it; may reach over the border
  cv::Rect crop_box;                                     ///< the padded, clamped, truncated box; never empty
  double score = 0;                                      ///< the detector's own scale
  std::string detector;                                  ///< "dlib", "yunet", "whole-image", "precropped", …
  std::optional<std::array<cv::Point2f, 5>> key_points;  ///< eyes (image left, right), nose, mouth corners
  std::vector<cv::Point3f> landmarks;                    ///< 478 or none; z in the scale of x
  std::optional<double> presence;                        ///< [0,1]: that the landmarks lie on a face
  std::optional<std::array<cv::Point2f, 2>> eyes;        ///< centres (image left, right), where anything tells them
  Image crop;                                            ///< the pixels of crop_box, or the aligned face within it
};

/// The part of a face's crop that a model sees, as shares of the crop's width and height. It reaches beyond [0,1] where
/// the model's picture is larger than the crop and filled up.
struct Window {
  double x = 0, y = 0, width = 1, height = 1;
};

template <>
struct Type<Face> {
  static constexpr std::string_view name = "face";
};

template <>
struct Type<Window> {
  static constexpr std::string_view name = "window";
};

}  // namespace dfpipe
