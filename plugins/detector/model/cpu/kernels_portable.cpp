#define DFPIPE_KERNELS portable_kernels
#define DFPIPE_KERNELS_NAME "portable"
#include "kernels_impl.hpp"
