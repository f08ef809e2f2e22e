#pragma once

#include <cstdint>
#include <vector>

namespace dfpipe::detector {

/// What code is compiled for besides the processor that every build is for: x86-64-v3 and -v4 of the psABI.
enum class InstructionSet : std::uint8_t { portable, avx2, avx512 };

/// All that this processor runs, the fastest first. `portable` is always among them.
std::vector<InstructionSet> runnable_instruction_sets();

}  // namespace dfpipe::detector
