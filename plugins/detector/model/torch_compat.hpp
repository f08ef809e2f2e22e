#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <torch/version.h>

#include <cstdint>

/// Everything that differs between the LibTorch versions this code compiles against (1.13 and 2.x) stands here.
namespace dfpipe::detector {

/// softmax(q kᵀ) v for q, k, v [B,heads,T,d], with q scaled already; a single kernel where LibTorch has one.
inline at::Tensor fused_attention([[maybe_unused]] const at::Tensor& q, [[maybe_unused]] const at::Tensor& k,
                                  [[maybe_unused]] const at::Tensor& v) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  return at::scaled_dot_product_attention(q, k, v, {}, 0.0, false, 1.0);
#else
  return at::matmul(at::softmax(at::matmul(q, k.transpose(-2, -1)), -1), v);
#endif
}

/// On GPUs LibTorch computes float32 convolutions with 10 bits of mantissa (TF32) unless it is told not to.
inline void keep_fp32_exact() {
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
}

/// Returns once the device has done all that it was asked for; at once for the CPU.
inline void wait_for(at::Device device) {
  if (device.is_cuda()) at::detail::getCUDAHooks().deviceSynchronize(device.index());
}

/// A generator with a stream of its own, for draws that must not depend on the process-wide one.
inline at::Generator seeded_generator(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

}  // namespace dfpipe::detector
