#include "uniform_numbers.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

namespace dfpipe::detector {
namespace {

/// The splitmix64 sequence of a key.
class Sequence {
 public:
  Sequence(const std::string& name, std::uint64_t seed) : key_(mixed(seed + step)) {
    for (const char c : name) key_ = (key_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  }
  /// [-1,1)
  double next() { return std::ldexp(static_cast<double>(mixed(key_ += step) >> 40), -23) - 1; }

 private:
  static constexpr std::uint64_t step = 0x9E3779B97F4A7C15u;
  static std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint64_t key_;
};

}  // namespace

at::Tensor uniform_numbers(const std::vector<std::int64_t>& sizes, const std::string& name, std::uint64_t seed) {
  Sequence sequence(name, seed);
  at::Tensor out = at::empty(sizes, at::kFloat);
  auto* const at = out.data_ptr<float>();
  for (std::int64_t i = 0; i < out.numel(); ++i) at[i] = static_cast<float>(sequence.next());
  return out;
}

at::Tensor normal_numbers(const std::vector<std::int64_t>& sizes, const std::string& name, std::uint64_t seed) {
  Sequence sequence(name, seed);
  at::Tensor out = at::empty(sizes, at::kFloat);
  auto* const at = out.data_ptr<float>();
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    const double share = (1 - sequence.next()) / 2;  // (0,1]
    const double angle = std::numbers::pi * sequence.next();
    at[i] = static_cast<float>(std::sqrt(-2 * std::log(share)) * std::cos(angle));
  }
  return out;
}

}  // namespace dfpipe::detector
