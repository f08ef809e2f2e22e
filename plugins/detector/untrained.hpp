#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

namespace dfpipe::detector {

/// Fills weights that nobody has trained, in place, the same way for the same seed and names: matrices and kernels
/// N(0, 1.5/fan-in), scales and variances 1, everything else 0, so that outputs keep the size of the inputs.
void fill_untrained(const std::map<std::string, at::Tensor>& tensors, std::uint64_t seed);

}  // namespace dfpipe::detector
