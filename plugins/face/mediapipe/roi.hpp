#pragma once

#include <opencv2/core/mat.hpp>
#include <opencv2/core/matx.hpp>
#include <opencv2/core/types.hpp>
#include <span>

#include "detector.hpp"

namespace dfpipe::face {

/// A rectangle that may be turned: what a network is shown of a picture. In pixels; `rotation` in radians, clockwise as
/// the picture is seen.
struct Roi {
  cv::Point2d centre;
  double width = 0;
  double height = 0;
  double rotation = 0;

  bool is_usable() const;  ///< finite and not empty
  /// From the unit square's coordinates in the rectangle to the picture's pixels.
  cv::Matx23d to_picture() const;
};

/// The square around the whole picture, with its centre (MediaPipe's letterbox).
Roi roi_of_picture(cv::Size picture);

/// MediaPipe's rule behind its own detector: the box, turned so that the eyes are level, one and a half times as large.
/// `eyes`: image left, image right.
Roi roi_of_box(const cv::Rect2d& box, const std::array<cv::Point2d, 2>& eyes);

/// MediaPipe's rule for the next picture of a film: the square of the longer side of the landmarks' box, turned so that
/// the outer corners of the eyes are level, one and a half times as large. It does not depend on who found the face.
Roi roi_of_landmarks(std::span<const cv::Point3f> landmarks);

/// For a face of another detector. With key points: their mean, the larger of the box's width and 0.78 of its height
/// (YuNet's boxes are taller), level eyes. Without: the box that MediaPipe's detector would have found around the same
/// landmarks, upright. One and a half times as large, square.
Roi roi_of_detection(const Detection& face, const LandmarkBox& usual);

enum class Border : std::uint8_t { black, replicate };

/// The rectangle's content as a [side,side,3] picture, stretched to it. Bilinear, without a low pass, as MediaPipe's
/// networks were trained (image_to_tensor, OpenCV variant: corners on corners, no half-pixel offset).
cv::Mat cut_out(const cv::Mat& rgb, const Roi& roi, int side, Border border);

}  // namespace dfpipe::face
