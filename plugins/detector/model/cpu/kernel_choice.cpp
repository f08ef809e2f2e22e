#include "kernel_choice.hpp"

#include <vector>

#include "instruction_set.hpp"

namespace dfpipe::detector::cpu {

extern const Kernels portable_kernels;
#ifdef DFPIPE_X86_KERNELS
extern const Kernels avx2_kernels, avx512_kernels;
#endif

namespace {

const Kernels* compiled_for(InstructionSet set) {
#ifdef DFPIPE_X86_KERNELS
  if (set == InstructionSet::avx512) return &avx512_kernels;
  if (set == InstructionSet::avx2) return &avx2_kernels;
#endif
  return set == InstructionSet::portable ? &portable_kernels : nullptr;
}

std::vector<const Kernels*> find_runnable() {
  std::vector<const Kernels*> found;
  for (const InstructionSet set : runnable_instruction_sets())
    if (const Kernels* const kernels = compiled_for(set)) found.push_back(kernels);
  return found;
}

}  // namespace

std::span<const Kernels* const> runnable_kernels() {
  static const std::vector<const Kernels*> runnable = find_runnable();
  return runnable;
}

}  // namespace dfpipe::detector::cpu
