#pragma once

#include <cstdint>

#include "detector.hpp"

namespace dfpipe::face {

struct Selection {
  double min_score = 0;
  double min_size = 0;         ///< of the smaller side of the box, in pixels
  std::int64_t max_faces = 0;  ///< 0: no limit
};

/// The faces to keep: sure and large enough, each once (of two boxes with an intersection over union above 0.5, or of
/// which one holds at least nine tenths of the other, the one with the higher score), the largest `max_faces` of them,
/// sorted from left to right by their centres. The result does not depend on the order of `found`.
std::vector<Detection> select_faces(std::vector<Detection> found, const Selection& wanted);

}  // namespace dfpipe::face
