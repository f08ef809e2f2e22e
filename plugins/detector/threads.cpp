#include "threads.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

namespace dfpipe::detector {

void use_threads(int count) {
  // Torch's own setting is process-wide, but each thread reads it only once, at its first use: let it do so now, then
  // set what OpenMP (LibTorch's loops, oneDNN, OpenBLAS) uses on this thread.
  at::get_num_threads();
  omp_set_num_threads(count);
}

}  // namespace dfpipe::detector
