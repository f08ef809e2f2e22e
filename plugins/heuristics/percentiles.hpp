#pragma once

#include <cmath>
#include <span>

#include "reference.hpp"

namespace dfpipe::heuristics {

/// The quantile q in [0,1] of ascending values, interpolated between the two nearest (type 7 of Hyndman and Fan, The
/// American Statistician 50(4), 1996). At least one value.
inline double quantile(std::span<const double> ascending, double q) {
  const double place = q * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], place - std::floor(place));
}

}  // namespace dfpipe::heuristics
