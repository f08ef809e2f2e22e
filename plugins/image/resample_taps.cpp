#include <algorithm>
#include <cmath>

#include "resample.hpp"

// Built with -ffp-contract=off: a fused multiply-add would round otherwise than the reference and could move a weight
// by one unit.

namespace dfpipe::resample {
namespace {

constexpr int precision_bits = 32 - 8 - 2;  // room for the sum of 8-bit values times weights that overshoot

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

double bilinear(double x) {
  x = std::abs(x);
  return x < 1 ? 1 - x : 0;
}

std::int32_t to_fixed(double weight) {
  const double scaled = weight * (1 << precision_bits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

Taps make_taps(Filter filter, int in, std::int64_t out, std::int64_t first, int count) {
  const auto kernel = filter == Filter::bicubic ? bicubic : bilinear;
  const double radius = filter == Filter::bicubic ? 2 : 1;
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = radius * stretch;
  const double squeeze = 1.0 / stretch;

  Taps table;
  table.count = count;
  table.taps = std::min(in, static_cast<int>(std::ceil(support)) * 2 + 1);
  table.start.resize(static_cast<std::size_t>(count));
  table.weights.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(table.taps));
  std::vector<double> row(static_cast<std::size_t>(table.taps));
  for (int i = 0; i < count; ++i) {
    const double center = (static_cast<double>(first + i) + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(center - support + 0.5));
    const int high = std::min(in, static_cast<int>(center + support + 0.5));
    double sum = 0;
    for (int x = low; x < high; ++x) {
      const double weight = kernel((x - center + 0.5) * squeeze);
      row[static_cast<std::size_t>(x - low)] = weight;
      sum += weight;
    }
    // Near the far edge the window is moved inwards, so that all taps may be read; those in front weigh 0.
    const int start = std::min(low, in - table.taps);
    table.start[static_cast<std::size_t>(i)] = start;
    std::int32_t* weights = table.weights.data() + static_cast<std::size_t>(i) * table.taps + (low - start);
    for (int x = low; x < high; ++x) {
      double weight = row[static_cast<std::size_t>(x - low)];
      if (sum != 0) weight /= sum;
      weights[x - low] = to_fixed(weight);
    }
  }
  return table;
}

}  // namespace dfpipe::resample
