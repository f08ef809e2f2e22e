// Compiled once per instruction set, each time in a namespace of its own: everything here has internal linkage, and no
// header with inline functions is included, or the linker could choose the wrong set's copy of one.
#include "spectrum_impl.hpp"
#include "vectors.hpp"

namespace dfpipe::detector::cpu {
namespace {

using u16 [[gnu::vector_size(64)]] = std::uint32_t;
using h16 [[gnu::vector_size(32)]] = std::uint16_t;

DFPIPE_INLINE float widen(std::uint16_t half) {
  const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
/// To the nearest, ties to even, as oneDNN and Torch round.
DFPIPE_INLINE std::uint16_t narrow(float value) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  if (value != value) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

DFPIPE_INLINE v16 load_row(const Rows& rows, std::int64_t at) {
  if (!rows.bf16) return load(static_cast<const float*>(rows.data) + at);
  h16 halves;
  __builtin_memcpy(&halves, static_cast<const std::uint16_t*>(rows.data) + at, sizeof halves);
  const u16 bits = __builtin_convertvector(halves, u16) << 16;
  v16 v;
  __builtin_memcpy(&v, &bits, sizeof v);
  return v;
}
DFPIPE_INLINE float load_one(const Rows& rows, std::int64_t at) {
  return rows.bf16 ? widen(static_cast<const std::uint16_t*>(rows.data)[at]) : static_cast<const float*>(rows.data)[at];
}
DFPIPE_INLINE void store_row(const Rows& rows, std::int64_t at, const v16& v) {
  if (!rows.bf16) return store(static_cast<float*>(rows.data) + at, v);
  u16 bits;
  __builtin_memcpy(&bits, &v, sizeof bits);
  const u16 rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const u16 quiet = (bits >> 16) | 0x40u;
  const h16 halves = __builtin_convertvector(v == v ? rounded : quiet, h16);
  __builtin_memcpy(static_cast<std::uint16_t*>(rows.data) + at, &halves, sizeof halves);
}
DFPIPE_INLINE void store_one(const Rows& rows, std::int64_t at, float value) {
  if (rows.bf16)
    static_cast<std::uint16_t*>(rows.data)[at] = narrow(value);
  else
    static_cast<float*>(rows.data)[at] = value;
}

DFPIPE_INLINE v16 larger(const v16& a, const v16& b) { return a > b ? a : b; }

/// Each lane meets the one `D` lanes away, in halves, quarters, eighths.
template <int D>
DFPIPE_INLINE v16 swapped(const v16& v) {
  return __builtin_shufflevector(v, v, 0 ^ D, 1 ^ D, 2 ^ D, 3 ^ D, 4 ^ D, 5 ^ D, 6 ^ D, 7 ^ D, 8 ^ D, 9 ^ D, 10 ^ D,
                                 11 ^ D, 12 ^ D, 13 ^ D, 14 ^ D, 15 ^ D);
}
DFPIPE_INLINE float sum(v16 v) {
  v += swapped<8>(v);
  v += swapped<4>(v);
  v += swapped<2>(v);
  v += swapped<1>(v);
  return v[0];
}
DFPIPE_INLINE float largest(v16 v) {
  v = larger(swapped<8>(v), v);
  v = larger(swapped<4>(v), v);
  v = larger(swapped<2>(v), v);
  v = larger(swapped<1>(v), v);
  return v[0];
}

/// e^x for x <= 0, to 2 units in the last place; 0 below -87. The argument is split into n ln 2 + r, and e^r is its
/// Taylor series up to the seventh power, |r| <= ln 2 / 2.
DFPIPE_INLINE v16 exp_of_negative(v16 x) {
  const v16 least = v16{} - 87.0f;
  const i16 vanishes = x < least;
  x = vanishes ? least : x;
  const v16 magic = v16{} + 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const v16 n = (x * 1.44269504f + magic) - magic;
  const v16 r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two pieces
  v16 p = v16{} + 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const i16 exponent = (__builtin_convertvector(n, i16) + 127) << 23;
  v16 scale;
  __builtin_memcpy(&scale, &exponent, sizeof scale);
  return vanishes ? v16{} : p * scale;
}

void layer_norm(const float* x, std::int64_t rows, const float* weight, const float* bias, double eps, Rows y) {
  const std::int64_t width = y.width, whole = width / lanes * lanes;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const from = x + row * width;
    v16 total{};
    for (std::int64_t i = 0; i < whole; i += lanes) total += load(from + i);
    float mean = sum(total);
    for (std::int64_t i = whole; i < width; ++i) mean += from[i];
    mean /= static_cast<float>(width);
    v16 squares{};
    for (std::int64_t i = 0; i < whole; i += lanes) {
      const v16 d = load(from + i) - mean;
      squares += d * d;
    }
    float variance = sum(squares);
    for (std::int64_t i = whole; i < width; ++i) variance += (from[i] - mean) * (from[i] - mean);
    const auto scale =
        static_cast<float>(1.0 / __builtin_sqrt(static_cast<double>(variance) / static_cast<double>(width) + eps));
    for (std::int64_t i = 0; i < whole; i += lanes)
      store_row(y, row * width + i, (load(from + i) - mean) * scale * load(weight + i) + load(bias + i));
    for (std::int64_t i = whole; i < width; ++i)
      store_one(y, row * width + i, (from[i] - mean) * scale * weight[i] + bias[i]);
  }
}

void add_positions(const float* patches, const float* class_embedding, const float* positions, std::int64_t tokens,
                   std::int64_t width, float* x) {
  for (std::int64_t i = 0; i < width; ++i) x[i] = class_embedding[i] + positions[i];
  for (std::int64_t i = width; i < tokens * width; ++i) x[i] = patches[i - width] + positions[i];
}

void cut_patches(const float* picture, std::int64_t size, std::int64_t patch, Rows y) {
  const std::int64_t grid = size / patch;
  std::int64_t at = 0;
  for (std::int64_t row = 0; row < grid; ++row)
    for (std::int64_t column = 0; column < grid; ++column)
      for (std::int64_t channel = 0; channel < 3; ++channel)
        for (std::int64_t line = 0; line < patch; ++line) {
          const float* const from = picture + (channel * size + row * patch + line) * size + column * patch;
          for (std::int64_t i = 0; i < patch; ++i) store_one(y, at++, from[i]);
        }
}

void pack_head(const Rows& qkv, const AttentionShape& shape, std::int64_t head, float* packed) {
  const std::int64_t d = shape.head_size, dp = shape.padded_head(), t = shape.tokens, tp = shape.padded_tokens();
  const std::int64_t width = qkv.width / 3;
  float* const keys = packed;
  float* const values = packed + d * tp;
  for (std::int64_t first = 0; first < tp; first += lanes) {
    const std::int64_t count = t - first < lanes ? t - first : lanes;
    for (std::int64_t k = 0; k < d; ++k) {
      float* const to = keys + k * tp + first;
      const std::int64_t from = first * qkv.width + width + head * d + k;
      for (std::int64_t i = 0; i < count; ++i) to[i] = load_one(qkv, from + i * qkv.width);
      for (std::int64_t i = count; i < lanes; ++i) to[i] = 0;
    }
  }
  for (std::int64_t token = 0; token < t; ++token) {
    const std::int64_t from = token * qkv.width + 2 * width + head * d;
    float* const to = values + token * dp;
    if (d % lanes == 0) {
      for (std::int64_t i = 0; i < d; i += lanes) store(to + i, load_row(qkv, from + i));
    } else {
      for (std::int64_t i = 0; i < dp; ++i) to[i] = i < d ? load_one(qkv, from + i) : 0;
    }
  }
}

/// In place over the first `count` numbers of a row that has room up to the next multiple of the lanes.
DFPIPE_INLINE void softmax(float* row, std::int64_t count) {
  const v16 nothing = v16{} - __builtin_inff();
  const std::int64_t padded = (count + lanes - 1) / lanes * lanes;
  for (std::int64_t i = count; i < padded; ++i) row[i] = -__builtin_inff();
  v16 top = nothing;
  for (std::int64_t i = 0; i < padded; i += lanes) top = larger(load(row + i), top);
  const float highest = largest(top);
  v16 total{};
  for (std::int64_t i = 0; i < padded; i += lanes) {
    const v16 e = exp_of_negative(load(row + i) - highest);
    total += e;
    store(row + i, e);
  }
  const float scale = 1.0f / sum(total);
  for (std::int64_t i = 0; i < padded; i += lanes) store(row + i, load(row + i) * scale);
}

void attend(const Rows& qkv, const AttentionShape& shape, std::int64_t head, std::int64_t first, std::int64_t count,
            const float* packed, float* scores, const Rows& context) {
  constexpr std::int64_t widest = 256;  // head size; checked where the model is prepared
  const std::int64_t d = shape.head_size, dp = shape.padded_head(), t = shape.tokens, tp = shape.padded_tokens();
  const auto scale = static_cast<float>(1.0 / __builtin_sqrt(static_cast<double>(d)));
  alignas(64) float rows[Kernels::max_queries * widest];
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t k = 0; k < d; ++k)
      rows[i * d + k] = load_one(qkv, (first + i) * qkv.width + head * d + k) * scale;
  multiply(rows, d, packed, tp, d, scores, tp, count, tp);
  for (std::int64_t i = 0; i < count; ++i) softmax(scores + i * tp, t);
  multiply(scores, tp, packed + d * tp, dp, t, rows, dp, count, dp);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t to = (first + i) * context.width + head * d;
    std::int64_t k = 0;
    for (; k + lanes <= d; k += lanes) store_row(context, to + k, load(rows + i * dp + k));
    for (; k < d; ++k) store_one(context, to + k, rows[i * dp + k]);
  }
}

void fuse(const float* scores, const AttentionShape& shape, std::int64_t head, std::int64_t count, Fusion fusion,
          float* fused) {
  const std::int64_t t = shape.tokens, tp = shape.padded_tokens();
  const float share = 1.0f / static_cast<float>(shape.heads);
  for (std::int64_t i = 0; i < count; ++i) {
    const float* const from = scores + i * tp;
    float* const to = fused + i * t;
    if (fusion == Fusion::mean)
      for (std::int64_t j = 0; j < t; ++j) to[j] = (head == 0 ? 0 : to[j]) + from[j] * share;
    else if (head == 0)
      for (std::int64_t j = 0; j < t; ++j) to[j] = from[j];
    else if (fusion == Fusion::max)
      for (std::int64_t j = 0; j < t; ++j) to[j] = from[j] > to[j] ? from[j] : to[j];
    else
      for (std::int64_t j = 0; j < t; ++j) to[j] = from[j] < to[j] ? from[j] : to[j];
  }
}

}  // namespace

extern const Kernels DFPIPE_KERNELS;
const Kernels DFPIPE_KERNELS{DFPIPE_KERNELS_NAME, layer_norm, add_positions, cut_patches,
                             pack_head,           attend,     fuse,          add_spectrum_band};

}  // namespace dfpipe::detector::cpu
