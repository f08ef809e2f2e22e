#include "resample.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dfpipe::resample {
namespace {

constexpr int precision_bits = 32 - 8 - 2;
constexpr std::int32_t half = 1 << (precision_bits - 1);
constexpr std::size_t most_tables = 32;

// Both passes come down to one kernel: `lanes` neighbouring bytes, each the weighted sum of the bytes `stride` apart.
// In the vertical pass the neighbours are bytes of a row. For the horizontal pass ten rows are first laid side by side,
// column by column, so that again neighbours share their weights.
constexpr int lanes = 32;
constexpr int rows_per_block = lanes / 3;

using Kernel = void (*)(const std::uint8_t*, std::ptrdiff_t, const std::int32_t*, int, std::uint8_t*);

void weighted_sum_plain(const std::uint8_t* from, std::ptrdiff_t stride, const std::int32_t* weights, int taps,
                        std::uint8_t* to) {
  std::int32_t sum[lanes];
  std::ranges::fill(sum, half);
  for (int t = 0; t < taps; ++t, from += stride)
    for (int i = 0; i < lanes; ++i) sum[i] += from[i] * weights[t];
  for (int i = 0; i < lanes; ++i) to[i] = static_cast<std::uint8_t>(std::clamp(sum[i] >> precision_bits, 0, 255));
}

#if defined(__x86_64__)
// By hand: gcc 12 widens bytes one by one here.
__attribute__((target("avx2"))) void weighted_sum_avx2(const std::uint8_t* from, std::ptrdiff_t stride,
                                                       const std::int32_t* weights, int taps, std::uint8_t* to) {
  __m256i sum[4];
  for (__m256i& v : sum) v = _mm256_set1_epi32(half);
  for (int t = 0; t < taps; ++t, from += stride) {
    const __m256i weight = _mm256_set1_epi32(weights[t]);
#pragma GCC unroll 4
    for (int part = 0; part < 4; ++part) {
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + 8 * part));
      sum[part] = _mm256_add_epi32(sum[part], _mm256_mullo_epi32(_mm256_cvtepu8_epi32(bytes), weight));
    }
  }
#pragma GCC unroll 4
  for (__m256i& v : sum) v = _mm256_srai_epi32(v, precision_bits);
  // The packing instructions clamp, and work on each half of a register alone: the order is restored at the end.
  const __m256i words = _mm256_packs_epi32(sum[0], sum[1]), more = _mm256_packs_epi32(sum[2], sum[3]);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words, more), order));
}
#endif

Kernel best_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return weighted_sum_avx2;
#endif
  return weighted_sum_plain;
}

/// Rows of bytes with room behind each, so that the kernel may read and write whole vectors.
struct Plane {
  Plane(int width, int height)
      : stride(static_cast<std::ptrdiff_t>(width) * 3 + lanes),
        bytes(static_cast<std::size_t>(stride) * static_cast<std::size_t>(height)) {}
  std::uint8_t* row(int y) { return bytes.data() + y * stride; }
  const std::uint8_t* row(int y) const { return bytes.data() + y * stride; }
  std::ptrdiff_t stride;
  std::vector<std::uint8_t> bytes;
};

/// Rows [y0, y0 + height) of the source, resized horizontally.
Plane horizontal(const cv::Mat& rgb, int y0, int height, const Taps& taps) {
  const Kernel kernel = best_kernel();
  const int left = *std::ranges::min_element(taps.start);
  const int right = *std::ranges::max_element(taps.start) + taps.taps;
  std::vector<std::uint8_t> block(static_cast<std::size_t>(right - left) * lanes);
  Plane out(taps.count, height);
  for (int y = 0; y < height; y += rows_per_block) {
    const int rows = std::min(rows_per_block, height - y);
    for (int r = 0; r < rows; ++r) {
      const std::uint8_t* from = rgb.ptr(y0 + y + r) + std::ptrdiff_t{3} * left;
      std::uint8_t* to = block.data() + 3 * r;
      for (int x = left; x < right; ++x, from += 3, to += lanes) std::memcpy(to, from, 3);
    }
    std::uint8_t result[lanes];
    for (int i = 0; i < taps.count; ++i) {
      kernel(block.data() + std::ptrdiff_t{taps.start[i] - left} * lanes, lanes,
             taps.weights.data() + std::ptrdiff_t{i} * taps.taps, taps.taps, result);
      for (int r = 0; r < rows; ++r) std::memcpy(out.row(y + r) + std::ptrdiff_t{3} * i, result + 3 * r, 3);
    }
  }
  return out;
}

Plane copy(const cv::Mat& rgb, int x0, int width, int y0, int height) {
  Plane out(width, height);
  for (int y = 0; y < height; ++y)
    std::memcpy(out.row(y), rgb.ptr(y0 + y) + std::ptrdiff_t{3} * x0, std::size_t{3} * static_cast<std::size_t>(width));
  return out;
}

/// `first_row` is the source row that the plane's row 0 stands for.
cv::Mat vertical(const Plane& plane, int first_row, int width, const Taps& taps) {
  const Kernel kernel = best_kernel();
  cv::Mat out(taps.count, width, CV_8UC3);
  const int bytes = 3 * width;
  for (int y = 0; y < taps.count; ++y) {
    const std::uint8_t* from = plane.row(taps.start[y] - first_row);
    const std::int32_t* weights = taps.weights.data() + std::ptrdiff_t{y} * taps.taps;
    std::uint8_t* to = out.ptr(y);
    for (int x = 0; x < bytes; x += lanes) {
      std::uint8_t result[lanes];
      kernel(from + x, plane.stride, weights, taps.taps, result);
      std::memcpy(to + x, result, static_cast<std::size_t>(std::min(lanes, bytes - x)));
    }
  }
  return out;
}

}  // namespace

std::shared_ptr<const Taps> Resizer::taps(const Key& key) const {
  {
    std::lock_guard lock(mutex_);
    auto found = std::ranges::find(recent_, key, &Entry::key);
    if (found != recent_.end()) {
      std::rotate(found, found + 1, recent_.end());
      return recent_.back().taps;
    }
  }
  auto made = std::make_shared<const Taps>(make_taps(filter_, key.in, key.out, key.first, key.count));
  std::lock_guard lock(mutex_);
  if (recent_.size() >= most_tables) recent_.erase(recent_.begin());
  recent_.push_back({key, made});
  return made;
}

cv::Mat Resizer::operator()(const cv::Mat& rgb, Size size, Window window) const {
  if (rgb.empty() || rgb.type() != CV_8UC3) throw std::invalid_argument("resize: 3 channels of uint8 are wanted");
  if (window.width <= 0 || window.height <= 0 || window.x < 0 || window.y < 0 || window.x + window.width > size.width ||
      window.y + window.height > size.height)
    throw std::invalid_argument("resize: the window lies outside the resized picture");
  const bool keeps_width = size.width == rgb.cols;
  const bool keeps_height = size.height == rgb.rows;

  std::shared_ptr<const Taps> down;
  int first_row = static_cast<int>(window.y), rows = window.height;
  if (!keeps_height) {
    down = taps({rgb.rows, size.height, window.y, window.height});
    first_row = *std::ranges::min_element(down->start);
    rows = *std::ranges::max_element(down->start) + down->taps - first_row;
  }
  const Plane plane = keeps_width
                          ? copy(rgb, static_cast<int>(window.x), window.width, first_row, rows)
                          : horizontal(rgb, first_row, rows, *taps({rgb.cols, size.width, window.x, window.width}));
  if (!keeps_height) return vertical(plane, first_row, window.width, *down);
  cv::Mat out(window.height, window.width, CV_8UC3);
  for (int y = 0; y < out.rows; ++y) std::memcpy(out.ptr(y), plane.row(y), std::size_t{3} * out.cols);
  return out;
}

}  // namespace dfpipe::resample
