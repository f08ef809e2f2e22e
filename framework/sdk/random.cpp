#include "dfpipe/random.hpp"

#include <cmath>
#include <numbers>

namespace dfpipe {
namespace {

constexpr std::uint32_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
constexpr std::uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;

}  // namespace

void Random::refill() {
  std::array<std::uint32_t, 4> x = {static_cast<std::uint32_t>(counter_), static_cast<std::uint32_t>(counter_ >> 32),
                                    static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
  auto k0 = static_cast<std::uint32_t>(key_), k1 = static_cast<std::uint32_t>(key_ >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{multiplier_0} * x[0], p1 = std::uint64_t{multiplier_1} * x[2];
    x = {static_cast<std::uint32_t>(p1 >> 32) ^ x[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ x[3] ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += weyl_0;
    k1 += weyl_1;
  }
  block_ = x;
  left_ = 4;
  ++counter_;
}

std::uint32_t Random::bits32() {
  if (left_ == 0) refill();
  return block_[static_cast<std::size_t>(4 - left_--)];
}

std::uint64_t Random::bits64() {
  const std::uint64_t low = bits32();
  return low | std::uint64_t{bits32()} << 32;
}

double Random::uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

std::uint64_t Random::below(std::uint64_t n) {
  const std::uint64_t reject = (0 - n) % n;  // 2^64 mod n: draws below it would favour small results
  for (;;)
    if (const std::uint64_t bits = bits64(); bits >= reject) return bits % n;
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t Random::mix(std::uint64_t a, std::uint64_t b) {
  // SplitMix64's finalizer (Steele, Lea, Flood, OOPSLA 2014) over a Weyl combination.
  std::uint64_t z = a + 0x9E3779B97F4A7C15u * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::uint64_t Random::hash(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325u;  // FNV-1a, 64 bit
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return h;
}

}  // namespace dfpipe
