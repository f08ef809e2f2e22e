#pragma once

#include <opencv2/core/types.hpp>

namespace dfpipe::face {

/// [0,1]; 0 for boxes without area.
inline double intersection_over_union(const cv::Rect2d& a, const cv::Rect2d& b) {
  const double both = (a & b).area(), either = a.area() + b.area() - both;
  return either > 0 ? both / either : 0;
}

}  // namespace dfpipe::face
