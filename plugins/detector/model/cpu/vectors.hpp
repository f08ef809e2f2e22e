// Vectors and the small matrix product for the kernels of one instruction set; internal linkage, see kernels_impl.hpp.
#pragma once

#include "kernels.hpp"

namespace dfpipe::detector::cpu {
namespace {

using v16 [[gnu::vector_size(64)]] = float;
using i16 [[gnu::vector_size(64)]] = std::int32_t;

constexpr std::int64_t lanes = AttentionShape::lanes;

#define DFPIPE_INLINE [[gnu::always_inline]] inline

DFPIPE_INLINE v16 load(const float* from) {
  v16 v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
DFPIPE_INLINE void store(float* to, const v16& v) { __builtin_memcpy(to, &v, sizeof v); }

/// y[R][V vectors] = a[R][depth] b[depth][V vectors]; strides in floats.
template <int R, int V>
DFPIPE_INLINE void multiply_tile(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride,
                                 std::int64_t depth, float* y, std::int64_t y_stride) {
  v16 sums[R][V] = {};
  for (std::int64_t k = 0; k < depth; ++k) {
    v16 line[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) line[v] = load(b + k * b_stride + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const float factor = a[r * a_stride + k];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sums[r][v] += line[v] * factor;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(y + r * y_stride + v * lanes, sums[r][v]);
}

template <int V>
DFPIPE_INLINE void multiply_columns(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride,
                                    std::int64_t depth, float* y, std::int64_t y_stride, std::int64_t rows) {
  constexpr int height = V == 4 ? 4 : 8;  // sums enough to hide the latency of a multiply-add
  std::int64_t row = 0;
  for (; row + height <= rows; row += height)
    multiply_tile<height, V>(a + row * a_stride, a_stride, b, b_stride, depth, y + row * y_stride, y_stride);
  for (; row < rows; ++row)
    multiply_tile<1, V>(a + row * a_stride, a_stride, b, b_stride, depth, y + row * y_stride, y_stride);
}

/// y [rows,width] = a [rows,depth] b [depth,width], width a multiple of the lanes. Columns outside, so that their part
/// of b stays in the first cache for all rows.
DFPIPE_INLINE void multiply(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride,
                            std::int64_t depth, float* y, std::int64_t y_stride, std::int64_t rows,
                            std::int64_t width) {
  std::int64_t column = 0;
  for (; column + 4 * lanes <= width; column += 4 * lanes)
    multiply_columns<4>(a, a_stride, b + column, b_stride, depth, y + column, y_stride, rows);
  for (; column + 2 * lanes <= width; column += 2 * lanes)
    multiply_columns<2>(a, a_stride, b + column, b_stride, depth, y + column, y_stride, rows);
  for (; column < width; column += lanes)
    multiply_columns<1>(a, a_stride, b + column, b_stride, depth, y + column, y_stride, rows);
}

}  // namespace
}  // namespace dfpipe::detector::cpu
