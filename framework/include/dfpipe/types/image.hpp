#pragma once

#include <opencv2/core/mat.hpp>

#include "dfpipe/value.hpp"

namespace dfpipe {

/// [H,W,3] uint8 RGB, upright (EXIF orientation applied). The Mat is a shared handle: clone before writing.
struct Image {
  cv::Mat pixels;
};

template <>
struct Type<Image> {
  static constexpr std::string_view name = "image";
};

}  // namespace dfpipe
