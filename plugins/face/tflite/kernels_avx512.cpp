#define DFPIPE_KERNELS avx512_kernels
#define DFPIPE_KERNELS_NAME "avx512"
#define DFPIPE_LANES 16
#define DFPIPE_ROWS 8
#define DFPIPE_GROUPS 2
#include "kernels_impl.hpp"
