#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <torch/version.h>

#include <cstdint>

/// Everything that differs between the LibTorch versions this code compiles against (1.13 and 2.x) stands here.
namespace dfpipe::detector {

#if TORCH_VERSION_MAJOR >= 2
inline constexpr bool has_fused_attention = true;
#else
inline constexpr bool has_fused_attention = false;
#endif

/// softmax(q kᵀ) v for q, k, v [B,heads,T,d], with q scaled already; a single kernel where LibTorch has one.
inline at::Tensor fused_attention([[maybe_unused]] const at::Tensor& q, [[maybe_unused]] const at::Tensor& k,
                                  [[maybe_unused]] const at::Tensor& v) {
#if TORCH_VERSION_MAJOR >= 2
  return at::scaled_dot_product_attention(q, k, v, {}, 0.0, false, 1.0);
#else
  return at::matmul(at::softmax(at::matmul(q, k.transpose(-2, -1)), -1), v);
#endif
}

/// A generator with a stream of its own, for draws that must not depend on the process-wide one.
inline at::Generator seeded_generator(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

}  // namespace dfpipe::detector
