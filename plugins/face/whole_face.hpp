#pragma once

#include <string>
#include <utility>

#include "dfpipe/types/face.hpp"

namespace dfpipe::face {

/// A picture as one face, in which nothing was searched.
inline Face whole_face(const Image& image, std::string detector) {
  Face face;
  face.crop_box = {{0, 0}, image.pixels.size()};
  face.box = face.crop_box;
  face.detector = std::move(detector);
  face.crop = image;
  return face;
}

}  // namespace dfpipe::face
