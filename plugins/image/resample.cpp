#include "resample.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace dfpipe::resample {
namespace {

constexpr int precision_bits = 32 - 8 - 2;
constexpr std::size_t most_tables = 32;

// Both passes come down to one kernel: `lanes` neighbouring bytes, each the weighted sum of the bytes `stride` apart.
// In the vertical pass the neighbours are bytes of a row. For the horizontal pass ten rows are first laid side by side,
// column by column, so that again neighbours share their weights.
constexpr int lanes = 32;
constexpr int rows_per_block = lanes / 3;

typedef std::int32_t Vector __attribute__((vector_size(32)));
typedef std::uint8_t ByteVector __attribute__((vector_size(8)));

// The vectors live inside this function only, so the ABI of passing them never matters.
__attribute__((always_inline)) inline void weighted_sum(const std::uint8_t* from, std::ptrdiff_t stride,
                                                        const std::int32_t* weights, int taps, std::uint8_t* to) {
  constexpr std::int32_t half = 1 << (precision_bits - 1);
  Vector sum[4];
  for (Vector& v : sum) v = Vector{half, half, half, half, half, half, half, half};
  for (int t = 0; t < taps; ++t, from += stride) {
    const std::int32_t weight = weights[t];
    for (int part = 0; part < 4; ++part) {
      ByteVector bytes;
      std::memcpy(&bytes, from + 8 * part, sizeof bytes);
      sum[part] += __builtin_convertvector(bytes, Vector) * weight;
    }
  }
  for (int part = 0; part < 4; ++part)
    for (int i = 0; i < 8; ++i)
      to[8 * part + i] = static_cast<std::uint8_t>(std::clamp(sum[part][i] >> precision_bits, 0, 255));
}

using Kernel = void (*)(const std::uint8_t*, std::ptrdiff_t, const std::int32_t*, int, std::uint8_t*);

void weighted_sum_plain(const std::uint8_t* from, std::ptrdiff_t stride, const std::int32_t* weights, int taps,
                        std::uint8_t* to) {
  weighted_sum(from, stride, weights, taps, to);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void weighted_sum_avx2(const std::uint8_t* from, std::ptrdiff_t stride,
                                                       const std::int32_t* weights, int taps, std::uint8_t* to) {
  weighted_sum(from, stride, weights, taps, to);
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
