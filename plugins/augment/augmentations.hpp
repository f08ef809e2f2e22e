#pragma once

#include <string>
#include <vector>

#include "dfpipe/value.hpp"

namespace dfpipe {

/// What was done to a picture, in order: each a JSON object {"transform", "rules", "drawn"} as text.
struct Augmentations {
  std::vector<std::string> steps;
};

template <>
struct Type<Augmentations> {
  static constexpr std::string_view name = "augmentations";
};

}  // namespace dfpipe
