#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dfpipe {

/// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// The stream is a pure function of its key, so a draw never depends on threads or on other items.
class Random {
 public:
  explicit Random(std::uint64_t key, std::uint64_t stream = 0) : key_(key), stream_(stream) {}

  std::uint32_t bits32();
  std::uint64_t bits64();
  /// [0, 1), 53 random bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// {0, …, n-1} without bias; n > 0.
  std::uint64_t below(std::uint64_t n);
  /// Standard normal (Box-Muller, both values used).
  double normal();

  /// A 64-bit key from parts, for keys such as (seed, epoch, item, node).
  static std::uint64_t mix(std::uint64_t a, std::uint64_t b);
  static std::uint64_t hash(std::string_view text);

 private:
  void refill();
  std::uint64_t key_;
  std::uint64_t stream_;
  std::uint64_t counter_ = 0;
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

}  // namespace dfpipe
