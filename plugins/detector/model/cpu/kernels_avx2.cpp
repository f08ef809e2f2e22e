#define DFPIPE_KERNELS avx2_kernels
#define DFPIPE_KERNELS_NAME "avx2"
#include "kernels_impl.hpp"
