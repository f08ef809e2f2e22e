#include "http/request_id.hpp"

#include <array>
#include <random>

namespace dfpipe::server {
namespace {

std::mt19937_64 seeded() {
  std::random_device device;
  std::array<std::random_device::result_type, 8> words{};
  for (auto& word : words) word = device();
  std::seed_seq seed(words.begin(), words.end());
  return std::mt19937_64(seed);
}

}  // namespace

std::string make_request_id() {
  thread_local std::mt19937_64 generator = seeded();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  id.reserve(32);
  for (int half = 0; half < 2; ++half) {
    auto bits = generator();
    for (int digit = 0; digit < 16; ++digit, bits >>= 4) id.push_back(digits[bits & 15]);
  }
  return id;
}

}  // namespace dfpipe::server
