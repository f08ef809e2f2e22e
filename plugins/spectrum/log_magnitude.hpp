#pragma once

#include <cstdint>

#include "fft_plans.hpp"

namespace dfpipe::spectrum {

/// |F| of the two-dimensional, unnormalised DFT F of a real picture, for the columns v = 0 .. width/2. The others
/// follow from |F(-u,-v)| = |F(u,v)|, indices taken modulo height and width. T is float or double.
///
/// Safe to use in several threads; any size from 1x1 on, prime ones too, in O(n log n); a size is always transformed in
/// the same way, so equal inputs give equal bytes.
template <class T>
class HalfMagnitude {
 public:
  /// An empty picture of this size: fill its rows, then transform. Throws std::invalid_argument.
  HalfMagnitude(std::int64_t height, std::int64_t width);

  std::int64_t height() const noexcept { return height_; }
  std::int64_t width() const noexcept { return width_; }
  /// How many columns there are after the transform: width/2 + 1.
  std::int64_t columns() const noexcept { return width_ / 2 + 1; }

  /// `width` numbers of the picture, before the transform.
  T* pixels(std::int64_t y) noexcept { return values_.get() + y * 2 * columns(); }
  void transform();
  /// `columns` values of row u, after it; zero frequency is at u = 0, v = 0.
  const T* row(std::int64_t u) const noexcept { return values_.get() + u * columns(); }

 private:
  std::int64_t height_;
  std::int64_t width_;
  AlignedArray<T> values_;
};

/// log(1 + |F|), natural logarithm, of all columns, with zero frequency moved to row height/2, column width/2 (integer
/// division; the shift of numpy's fftshift over both dimensions). `gray` and `out` are row-major height x width floats
/// and must not overlap.
void log_magnitude_spectrum(const float* gray, std::int64_t height, std::int64_t width, float* out);

}  // namespace dfpipe::spectrum
