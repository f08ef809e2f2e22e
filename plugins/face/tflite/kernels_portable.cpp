#define DFPIPE_KERNELS portable_kernels
#define DFPIPE_KERNELS_NAME "portable"
#define DFPIPE_LANES 4
#define DFPIPE_ROWS 6
#define DFPIPE_GROUPS 2
#include "kernels_impl.hpp"
