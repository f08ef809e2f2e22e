#define DFPIPE_KERNELS avx2_kernels
#define DFPIPE_KERNELS_NAME "avx2"
#define DFPIPE_LANES 8
#define DFPIPE_ROWS 6
#define DFPIPE_GROUPS 2
#include "kernels_impl.hpp"
