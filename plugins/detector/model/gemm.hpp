#pragma once

#include <ATen/core/Tensor.h>

namespace dfpipe::detector {

/// x Wᵀ + b for x [...,in], W [out,in], like at::linear. Large float32 products on the CPU go through oneDNN when no
/// gradient is recorded and LibTorch was built without MKL: its other GEMM is then OpenBLAS, which knows fewer
/// processors. The result differs from at::linear in the last digits only.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace dfpipe::detector
