#pragma once

#include <cstdint>
#include <string>

#include "dfpipe/value.hpp"

namespace dfpipe::synthetic {

/// All that decides about one drawn portrait.
struct Recipe {
  std::uint64_t key = 0;  ///< of everything that is drawn at random
  int size = 0;           ///< width and height, in pixels
  std::string camera;     ///< one of camera_names()
  std::string kind;       ///< one of manipulation_kinds(); empty: a genuine photograph
  int quality = 0;        ///< of the JPEG file that the picture is meant for
};

}  // namespace dfpipe::synthetic

template <>
struct dfpipe::Type<dfpipe::synthetic::Recipe> {
  static constexpr std::string_view name = "face-recipe";
};
