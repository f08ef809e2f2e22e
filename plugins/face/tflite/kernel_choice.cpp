#include <vector>

#include "instruction_set.hpp"
#include "kernels.hpp"

namespace dfpipe::tflite {

extern const Kernels portable_kernels;
#ifdef DFPIPE_X86_KERNELS
extern const Kernels avx2_kernels, avx512_kernels;
#endif

namespace {

using detector::InstructionSet;

const Kernels* compiled_for(InstructionSet set) {
#ifdef DFPIPE_X86_KERNELS
  if (set == InstructionSet::avx512) return &avx512_kernels;
  if (set == InstructionSet::avx2) return &avx2_kernels;
#endif
  return set == InstructionSet::portable ? &portable_kernels : nullptr;
}

}  // namespace

KernelSets runnable_kernels() {
  static const std::vector<const Kernels*> runnable = [] {
    std::vector<const Kernels*> found;
    for (const InstructionSet set : detector::runnable_instruction_sets())
      if (const Kernels* const kernels = compiled_for(set)) found.push_back(kernels);
    return found;
  }();
  return runnable;
}

const Kernels& choose(KernelSets sets, std::int64_t channels) {
  for (const Kernels* const kernels : sets)
    if (channels % kernels->lanes == 0) return *kernels;
  return *sets.back();
}

}  // namespace dfpipe::tflite
