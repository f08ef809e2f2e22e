#include "instruction_set.hpp"

namespace dfpipe::detector {

std::vector<InstructionSet> runnable_instruction_sets() {
  std::vector<InstructionSet> found;
#if defined(__x86_64__)
  const bool avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi2") != 0;
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                      __builtin_cpu_supports("avx512vl") != 0;
  if (avx512) found.push_back(InstructionSet::avx512);
  if (avx2) found.push_back(InstructionSet::avx2);
#endif
  found.push_back(InstructionSet::portable);
  return found;
}

}  // namespace dfpipe::detector
