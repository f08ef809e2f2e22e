#pragma once

#include <cstddef>

namespace dfpipe::detector {

/// Memory of this process in bytes; 0 where the system does not tell.

std::size_t present_memory();
/// The most since `forget_peak_memory`.
std::size_t peak_memory();
void forget_peak_memory();

}  // namespace dfpipe::detector
