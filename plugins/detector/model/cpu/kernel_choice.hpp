#pragma once

#include <span>

#include "kernels.hpp"

namespace dfpipe::detector::cpu {

/// All that this processor can run, the fastest first.
std::span<const Kernels* const> runnable_kernels();

inline const Kernels& kernels() { return *runnable_kernels().front(); }

}  // namespace dfpipe::detector::cpu
