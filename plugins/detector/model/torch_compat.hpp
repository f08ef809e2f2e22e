#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/autocast_mode.h>
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

/// Under it this thread's matrix products run in `precision`, and what is sensitive to rounding in float32 (PyTorch's
/// automatic mixed precision); nothing for float32. No weights are kept in the lower precision.
class Autocast {
 public:
  Autocast(at::Device device, at::ScalarType precision) : on_(precision != at::kFloat), gpu_(device.is_cuda()) {
    if (!on_) return;
    set_precision(precision);
    set(true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    set(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  void set_precision(at::ScalarType precision) const {
    at::autocast::set_autocast_dtype(gpu_ ? at::kCUDA : at::kCPU, precision);
  }
  void set(bool on) const { at::autocast::set_autocast_enabled(gpu_ ? at::kCUDA : at::kCPU, on); }
#else
  void set_precision(at::ScalarType precision) const {
    if (gpu_) at::autocast::set_autocast_gpu_dtype(precision);
    if (!gpu_) at::autocast::set_autocast_cpu_dtype(precision);
  }
  void set(bool on) const {
    if (gpu_) at::autocast::set_enabled(on);
    if (!gpu_) at::autocast::set_cpu_enabled(on);
  }
#endif
  bool on_, gpu_;
};

/// A generator with a stream of its own, for draws that must not depend on the process-wide one.
inline at::Generator seeded_generator(std::uint64_t seed) { return at::detail::createCPUGenerator(seed); }

}  // namespace dfpipe::detector
