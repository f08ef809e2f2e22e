#include "kernel_choice.hpp"

#include <vector>

namespace dfpipe::detector::cpu {

extern const Kernels portable_kernels;
#ifdef DFPIPE_X86_KERNELS
extern const Kernels avx2_kernels, avx512_kernels;
#endif

namespace {

std::vector<const Kernels*> find_runnable() {
  std::vector<const Kernels*> found;
#ifdef DFPIPE_X86_KERNELS
  const bool avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi2") != 0;
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                      __builtin_cpu_supports("avx512vl") != 0;
  if (avx512) found.push_back(&avx512_kernels);
  if (avx2) found.push_back(&avx2_kernels);
#endif
  found.push_back(&portable_kernels);
  return found;
}

}  // namespace

std::span<const Kernels* const> runnable_kernels() {
  static const std::vector<const Kernels*> runnable = find_runnable();
  return runnable;
}

}  // namespace dfpipe::detector::cpu
