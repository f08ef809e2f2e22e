#pragma once

#include <opencv2/core/mat.hpp>

namespace dfpipe::face {

/// `picture` itself when it has at most `side` squared pixels, otherwise a copy with about that many, each the mean of
/// the area it stands for. The number of pixels bounds a detector's time and memory whatever the picture's shape.
cv::Mat reduced(const cv::Mat& picture, double side);

/// How many pixels of `picture` a pixel of the reduced copy stands for, on each axis.
cv::Point2d reduction(const cv::Mat& picture, const cv::Mat& copy);

}  // namespace dfpipe::face
