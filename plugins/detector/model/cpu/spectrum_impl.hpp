// The spectrum's convolutions for one instruction set; internal linkage, see kernels_impl.hpp.
#pragma once

#include "vectors.hpp"

namespace dfpipe::detector::cpu {
namespace {

/// As LibTorch's pool and ReLU: what is no number stays none.
DFPIPE_INLINE v16 larger_or_nan(const v16& a, const v16& b) { return (a > b) | (a != a) ? a : b; }
DFPIPE_INLINE v16 rectified(const v16& a) { return a < v16{} ? v16{} : a; }

/// The picture's lines that a band needs, with zeros around the picture.
DFPIPE_INLINE void copy_lines(const float* picture, const SpectrumShape& s, std::int64_t first, std::int64_t count,
                              float* lines) {
  for (std::int64_t i = 0; i < count; ++i) {
    float* const to = lines + i * s.line_stride();
    const std::int64_t y = first + i;
    const bool inside = y >= 0 && y < s.height;
    to[0] = to[s.width + 1] = 0;
    for (std::int64_t x = 0; x < s.width; ++x) to[x + 1] = inside ? picture[y * s.width + x] : 0;
  }
}

/// `P` neighbouring places after convolution, ReLU and pool, of one vector of channels: w [9 taps].
template <int P>
DFPIPE_INLINE void pool_places(const float* lines, std::int64_t stride, const v16 (&w)[9], const v16& bias, float* to,
                               std::int64_t channels) {
  v16 sums[P][4];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p)
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) sums[p][i] = bias;
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; ++tap)
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) sums[p][i] += w[tap] * lines[(i / 2 + tap / 3) * stride + 2 * p + i % 2 + tap % 3];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) {
    const v16 top = larger_or_nan(larger_or_nan(sums[p][0], sums[p][1]), larger_or_nan(sums[p][2], sums[p][3]));
    store(to + p * channels, rectified(top));
  }
}

DFPIPE_INLINE void fill_zero(float* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = 0;
}

/// Rows [first, first + count) of the pooled plane, channels last, with zeros around the plane.
DFPIPE_INLINE void pool_rows(const float* lines, const SpectrumShape& s, const SpectrumWeights& weights,
                             std::int64_t first, std::int64_t count, float* pooled) {
  const std::int64_t columns = s.pooled_width(), c = s.channels1;
  for (std::int64_t row = 0; row < count; ++row) {
    float* const to = pooled + row * s.pooled_stride();
    if (first + row < 0 || first + row >= s.pooled_height()) {
      fill_zero(to, s.pooled_stride());
      continue;
    }
    fill_zero(to, c);
    fill_zero(to + (columns + 1) * c, s.pooled_stride() - (columns + 1) * c);
    const float* const from = lines + 2 * row * s.line_stride();
    for (std::int64_t channel = 0; channel < c; channel += lanes) {
      v16 w[9];
#pragma GCC unroll 9
      for (int tap = 0; tap < 9; ++tap) w[tap] = load(weights.first + tap * c + channel);
      const v16 bias = load(weights.first_bias + channel);
      std::int64_t x = 0;
      for (; x + 2 <= columns; x += 2)
        pool_places<2>(from + 2 * x, s.line_stride(), w, bias, to + (x + 1) * c + channel, c);
      for (; x < columns; ++x) pool_places<1>(from + 2 * x, s.line_stride(), w, bias, to + (x + 1) * c + channel, c);
    }
  }
}

/// Bᵀ d B of one tile, d 4x4 places of the pooled plane (Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural
/// Networks", F(2x2,3x3)). `to` [16,...] with `step` floats from one of the 16 to the next.
DFPIPE_INLINE void transform_tile(const float* from, const SpectrumShape& s, float* to, std::int64_t step) {
  for (std::int64_t channel = 0; channel < s.channels1; channel += lanes) {
    v16 t[4][4];
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      v16 d[4];
#pragma GCC unroll 4
      for (int y = 0; y < 4; ++y) d[y] = load(from + y * s.pooled_stride() + x * s.channels1 + channel);
      t[0][x] = d[0] - d[2];
      t[1][x] = d[1] + d[2];
      t[2][x] = d[2] - d[1];
      t[3][x] = d[1] - d[3];
    }
#pragma GCC unroll 4
    for (int y = 0; y < 4; ++y) {
      float* const row = to + 4 * y * step + channel;
      store(row, t[y][0] - t[y][2]);
      store(row + step, t[y][1] + t[y][2]);
      store(row + 2 * step, t[y][2] - t[y][1]);
      store(row + 3 * step, t[y][1] - t[y][3]);
    }
  }
}

/// Aᵀ m A of one tile, then bias and ReLU: the sum over those of its 2x2 places that lie in the plane.
DFPIPE_INLINE v16 tile_sum(const float* from, std::int64_t step, const v16& bias, bool right, bool below) {
  v16 t[2][4];
#pragma GCC unroll 4
  for (int x = 0; x < 4; ++x) {
    v16 m[4];
#pragma GCC unroll 4
    for (int y = 0; y < 4; ++y) m[y] = load(from + (4 * y + x) * step);
    t[0][x] = m[0] + m[1] + m[2];
    t[1][x] = m[1] - m[2] - m[3];
  }
  v16 sum = rectified(t[0][0] + t[0][1] + t[0][2] + bias);
  if (right) sum += rectified(t[0][1] - t[0][2] - t[0][3] + bias);
  if (below) sum += rectified(t[1][0] + t[1][1] + t[1][2] + bias);
  if (right && below) sum += rectified(t[1][1] - t[1][2] - t[1][3] + bias);
  return sum;
}

void add_spectrum_band(const float* picture, const SpectrumShape& s, const SpectrumWeights& weights, std::int64_t band,
                       float* scratch, double* sums) {
  const std::int64_t first_row = band * SpectrumShape::band_tiles, columns = s.tile_columns();
  const std::int64_t rows_left = s.tile_rows() - first_row;
  const std::int64_t rows = rows_left < SpectrumShape::band_tiles ? rows_left : SpectrumShape::band_tiles;
  float* const lines = scratch;
  float* const pooled = lines + s.lines_size();
  float* const inputs = pooled + s.pooled_size();
  const std::int64_t pooled_rows = 2 * rows + 2, pooled_first = 2 * first_row - 1;
  copy_lines(picture, s, 2 * pooled_first - 1, 2 * pooled_rows + 2, lines);
  pool_rows(lines, s, weights, pooled_first, pooled_rows, pooled);

  const std::int64_t tiles = rows * columns, c1 = s.channels1, c2 = s.channels2;
  for (std::int64_t first = 0; first < tiles; first += SpectrumShape::block_tiles) {
    const std::int64_t left = tiles - first;
    const std::int64_t count = left < SpectrumShape::block_tiles ? left : SpectrumShape::block_tiles;
    const std::int64_t step1 = SpectrumShape::block_tiles * c1, step2 = SpectrumShape::block_tiles * c2;
    float* const products = inputs + 16 * step1;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t row = (first + i) / columns, column = (first + i) % columns;
      transform_tile(pooled + 2 * row * s.pooled_stride() + 2 * column * c1, s, inputs + i * c1, step1);
    }
    for (std::int64_t i = 0; i < 16; ++i)
      multiply(inputs + i * step1, c1, weights.second + i * c1 * c2, c2, c1, products + i * step2, c2, count, c2);
    for (std::int64_t channel = 0; channel < c2; channel += lanes) {
      const v16 bias = load(weights.second_bias + channel);
      v16 sum{};
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t row = first_row + (first + i) / columns, column = (first + i) % columns;
        sum += tile_sum(products + i * c2 + channel, step2, bias, 2 * column + 1 < s.pooled_width(),
                        2 * row + 1 < s.pooled_height());
      }
      for (std::int64_t i = 0; i < lanes; ++i) sums[channel + i] += static_cast<double>(sum[i]);
    }
  }
}

}  // namespace
}  // namespace dfpipe::detector::cpu
