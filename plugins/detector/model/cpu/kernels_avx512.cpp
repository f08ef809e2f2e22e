#define DFPIPE_KERNELS avx512_kernels
#define DFPIPE_KERNELS_NAME "avx512"
#include "kernels_impl.hpp"
