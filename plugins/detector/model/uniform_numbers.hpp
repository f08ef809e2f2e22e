#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dfpipe::detector {

/// Numbers in [-1,1), 24 bits each, that depend on `seed` and the tensor's name alone: the splitmix64 sequence (Steele
/// et al. 2014) of a key made of both. float32 on the CPU.
at::Tensor uniform_numbers(const std::vector<std::int64_t>& sizes, const std::string& name, std::uint64_t seed);

/// Standard normal numbers from the same sequence (Box-Muller).
at::Tensor normal_numbers(const std::vector<std::int64_t>& sizes, const std::string& name, std::uint64_t seed);

}  // namespace dfpipe::detector
