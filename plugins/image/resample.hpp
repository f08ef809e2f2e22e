#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <opencv2/core/mat.hpp>
#include <vector>

/// Resizing that gives the very bytes Pillow gives for 8-bit pictures.
///
/// Separable: horizontal pass, rounded and clamped to uint8, then the vertical pass; a pass that changes no size is
/// left out. When shrinking, the kernel is stretched by the scale (antialias). Weights are computed in double,
/// normalised, rounded half away from zero to 22-bit fixed point; sums are int32.
/// (Pillow's `Image.resize` for modes of 8-bit channels; the kernel is Keys, "Cubic convolution interpolation for
/// digital image processing", IEEE ASSP 29, 1981, with a = -0.5.)
namespace dfpipe::resample {

enum class Filter : std::uint8_t { bilinear, bicubic };

/// Fixed-point weights of the output positions [first, first + count) of one axis. Taps of position `first + i` are
/// weights[i * taps, …) over the input positions from start[i] on; unused taps weigh 0 and lie inside the input.
struct Taps {
  int count = 0;
  int taps = 0;
  std::vector<int> start;
  std::vector<std::int32_t> weights;
};

Taps make_taps(Filter filter, int in, std::int64_t out, std::int64_t first, int count);

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// Part of the resized picture; must lie inside it.
struct Window {
  std::int64_t x = 0;
  std::int64_t y = 0;
  int width = 0;
  int height = 0;
};

/// Keeps the weight tables of the sizes met last. Thread-safe.
class Resizer {
 public:
  explicit Resizer(Filter filter) : filter_(filter) {}

  /// The window of `rgb` ([H,W,3] uint8) resized to `size`: equal to resizing the whole and cutting, but only what the
  /// window needs is computed. Throws std::invalid_argument for other inputs or a window outside the size.
  cv::Mat operator()(const cv::Mat& rgb, Size size, Window window) const;

 private:
  struct Key {
    int in = 0;
    std::int64_t out = 0;
    std::int64_t first = 0;
    int count = 0;
    bool operator==(const Key&) const = default;
  };
  struct Entry {
    Key key;
    std::shared_ptr<const Taps> taps;
  };
  std::shared_ptr<const Taps> taps(const Key& key) const;

  Filter filter_;
  mutable std::mutex mutex_;
  mutable std::vector<Entry> recent_;  ///< most recent last
};

}  // namespace dfpipe::resample
