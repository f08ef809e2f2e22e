#pragma once

#include <ATen/core/Tensor.h>

namespace dfpipe::detector {

/// How many floating-point operations a second a large square matrix product reaches on this device with the threads
/// that this thread's libraries may use: what no model can exceed. The best of several tries, of LibTorch's own product
/// and, on the CPU, of oneDNN's with packed weights. `dtype` float32, bfloat16 or float16.
double matmul_ceiling(at::Device device, at::ScalarType dtype);

}  // namespace dfpipe::detector
