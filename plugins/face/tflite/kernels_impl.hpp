// Compiled once per instruction set. Everything here has internal linkage and no header with inline functions is
// included: the linker could choose the copy that was compiled for another set.
//   DFPIPE_KERNELS, DFPIPE_KERNELS_NAME   what to call the set
//   DFPIPE_LANES                          floats in a register
//   DFPIPE_ROWS, DFPIPE_GROUPS            sums that are kept in registers at once: rows by groups of columns
#include "kernels.hpp"

#define DFPIPE_INLINE [[gnu::always_inline]] inline

namespace dfpipe::tflite {
namespace {

constexpr std::int64_t lanes = DFPIPE_LANES;
using vector [[gnu::vector_size(4 * DFPIPE_LANES)]] = float;

DFPIPE_INLINE vector load(const float* from) {
  vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
DFPIPE_INLINE void store(float* to, const vector& v) { __builtin_memcpy(to, &v, sizeof v); }

/// The `count` floats of a group that is not whole. In a function of its own, because a register whose elements are
/// counted through at run time lives in memory.
[[gnu::noinline]] vector load_part(const float* from, std::int64_t count) {
  vector v{};
  for (std::int64_t i = 0; i < count; ++i) v[i] = from[i];
  return v;
}
[[gnu::noinline]] void store_part(float* to, vector v, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = v[i];
}
DFPIPE_INLINE vector load_some(const float* from, std::int64_t count) {
  return count >= lanes ? load(from) : load_part(from, count);
}
DFPIPE_INLINE vector rectified(const vector& sum, const Finish& finish, std::int64_t channel) {
  if (finish.rectifier == Rectifier::relu) return sum > 0 ? sum : vector{};
  if (finish.rectifier == Rectifier::prelu) return sum > 0 ? sum : sum * load(finish.slope + channel);
  return sum;
}

/// A group of results from channel `channel` on, `at` elements into the result.
DFPIPE_INLINE void finish_whole(vector sum, const Finish& finish, std::int64_t channel, std::int64_t at, float* y) {
  if (finish.residual != nullptr) sum += load(finish.residual + at);
  store(y + at, rectified(sum, finish, channel));
}
DFPIPE_INLINE void finish_some(vector sum, const Finish& finish, std::int64_t channel, std::int64_t at,
                               std::int64_t count, float* y) {
  if (count >= lanes) return finish_whole(sum, finish, channel, at, y);
  if (finish.residual != nullptr) sum += load_part(finish.residual + at, count);
  store_part(y + at, rectified(sum, finish, channel), count);
}

// Without it the sums are kept in memory: they are registers only when every index is known.
#define DFPIPE_UNROLL _Pragma("GCC unroll 16")

template <int rows, int groups>
DFPIPE_INLINE void product_tile(const float* x, std::int64_t in, std::int64_t out, const float* weights,
                                const Finish& finish, std::int64_t first_row, std::int64_t first_channel, float* y) {
  vector sums[rows][groups];
  DFPIPE_UNROLL
  for (int r = 0; r < rows; ++r) {
    DFPIPE_UNROLL
    for (int g = 0; g < groups; ++g) sums[r][g] = load(finish.bias + first_channel + g * lanes);
  }
  const float* const from = x + first_row * in;
  const float* const w = weights + first_channel * in;
  for (std::int64_t k = 0; k < in; ++k) {
    vector factors[groups];
    DFPIPE_UNROLL
    for (int g = 0; g < groups; ++g) factors[g] = load(w + (g * in + k) * lanes);
    DFPIPE_UNROLL
    for (int r = 0; r < rows; ++r) {
      DFPIPE_UNROLL
      for (int g = 0; g < groups; ++g) sums[r][g] += factors[g] * from[r * in + k];
    }
  }
  DFPIPE_UNROLL
  for (int r = 0; r < rows; ++r) {
    DFPIPE_UNROLL
    for (int g = 0; g < groups; ++g) {
      const std::int64_t channel = first_channel + g * lanes;
      finish_some(sums[r][g], finish, channel, (first_row + r) * out + channel, out - channel, y);
    }
  }
}

template <int rows>
DFPIPE_INLINE void product_rows(const float* x, std::int64_t in, std::int64_t out, const float* weights,
                                const Finish& finish, std::int64_t row, float* y) {
  std::int64_t channel = 0;
  if constexpr (DFPIPE_GROUPS > 1)
    for (; channel + (DFPIPE_GROUPS - 1) * lanes < out; channel += DFPIPE_GROUPS * lanes)
      product_tile<rows, DFPIPE_GROUPS>(x, in, out, weights, finish, row, channel, y);
  for (; channel < out; channel += lanes) product_tile<rows, 1>(x, in, out, weights, finish, row, channel, y);
}

void product(const float* x, std::int64_t rows, std::int64_t in, std::int64_t out, const float* weights,
             const Finish& finish, float* y) {
  std::int64_t row = 0;
  for (; row + DFPIPE_ROWS <= rows; row += DFPIPE_ROWS) product_rows<DFPIPE_ROWS>(x, in, out, weights, finish, row, y);
  for (; row < rows; ++row) product_rows<1>(x, in, out, weights, finish, row, y);
}

/// The part of a filter's side, [first, last), that lies on the picture.
struct Reach {
  std::int64_t first, last;
};
DFPIPE_INLINE Reach reach(std::int64_t begin, std::int64_t filter, std::int64_t size) {
  return {begin < 0 ? -begin : 0, begin + filter > size ? size - begin : filter};
}

/// One place of one group of channels, the parts of the filter beside the picture left out. `from` is the picture's
/// element under the filter's first one.
DFPIPE_INLINE vector depthwise_sum(const float* from, const Depthwise& how, const Reach& rows, const Reach& columns,
                                   const float* weights, std::int64_t filled, std::int64_t count, vector sum) {
  for (std::int64_t ky = rows.first; ky < rows.last; ++ky)
    for (std::int64_t kx = columns.first; kx < columns.last; ++kx)
      sum += load_some(from + (ky * how.in_w + kx) * how.channels, count) *
             load(weights + (ky * how.filter_w + kx) * filled);
  return sum;
}

/// `places` places of one whole group of channels with all of a 3 x 3 filter on the picture: its weights stay in
/// registers, and there is no call that would push them out.
[[gnu::noinline]] void depthwise_row_3x3(const float* from, std::int64_t in_w, std::int64_t channels, std::int64_t step,
                                         const float* weights, std::int64_t filled, std::int64_t places, Finish finish,
                                         std::int64_t channel, std::int64_t at, float* y) {
  vector kept[9];
  DFPIPE_UNROLL
  for (int k = 0; k < 9; ++k) kept[k] = load(weights + k * filled);
  const vector bias = load(finish.bias + channel);
  for (std::int64_t place = 0; place < places; ++place, from += step, at += channels) {
    vector sum = bias;
    DFPIPE_UNROLL
    for (int ky = 0; ky < 3; ++ky) {
      DFPIPE_UNROLL
      for (int kx = 0; kx < 3; ++kx) sum += load(from + (ky * in_w + kx) * channels) * kept[3 * ky + kx];
    }
    finish_whole(sum, finish, channel, at, y);
  }
}

/// The output columns [first, last) whose filters lie on the picture from left to right.
DFPIPE_INLINE Reach columns_inside(const Depthwise& how) {
  const std::int64_t first = (how.left + how.stride_w - 1) / how.stride_w;
  const std::int64_t room = how.in_w - how.filter_w + how.left;
  const std::int64_t last = room < 0 ? 0 : room / how.stride_w + 1;
  const std::int64_t end = last < how.out_w ? last : how.out_w;
  return {first < end ? first : end, end};
}

void depthwise(const float* x, const Depthwise& how, const float* weights, const Finish& finish, float* y) {
  const std::int64_t c = how.channels, filled = (c + lanes - 1) / lanes * lanes;
  const Reach inside = how.filter_h == 3 && how.filter_w == 3 ? columns_inside(how) : Reach{how.out_w, how.out_w};
  for (std::int64_t oy = 0; oy < how.out_h; ++oy) {
    const std::int64_t top = oy * how.stride_h - how.above;
    const Reach rows = reach(top, how.filter_h, how.in_h);
    for (std::int64_t channel = 0; channel < c; channel += lanes) {
      const std::int64_t count = c - channel;
      const bool fast = count >= lanes && rows.last - rows.first == how.filter_h && inside.first < inside.last;
      for (std::int64_t ox = 0; ox < how.out_w; ++ox) {
        const std::int64_t left = ox * how.stride_w - how.left;
        const float* const from = x + (top * how.in_w + left) * c + channel;
        const std::int64_t at = (oy * how.out_w + ox) * c + channel;
        if (fast && ox == inside.first) {
          depthwise_row_3x3(from, how.in_w, c, how.stride_w * c, weights + channel, filled, inside.last - inside.first,
                            finish, channel, at, y);
          ox = inside.last - 1;
          continue;
        }
        const vector sum = depthwise_sum(from, how, rows, reach(left, how.filter_w, how.in_w), weights + channel,
                                         filled, count, load(finish.bias + channel));
        finish_some(sum, finish, channel, at, count, y);
      }
    }
  }
}

}  // namespace

extern const Kernels DFPIPE_KERNELS;
const Kernels DFPIPE_KERNELS{DFPIPE_KERNELS_NAME, lanes, product, depthwise};

}  // namespace dfpipe::tflite
