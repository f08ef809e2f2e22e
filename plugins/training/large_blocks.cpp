#include "large_blocks.hpp"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace dfpipe::training {

void keep_large_blocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);         // no block is a mapping of its own, which goes with it
  mallopt(M_TRIM_THRESHOLD, -1);  // never give back the end of the heap
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace dfpipe::training
