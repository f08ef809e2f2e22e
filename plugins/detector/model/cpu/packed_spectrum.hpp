#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "kernels.hpp"

namespace dfpipe::detector::cpu {

/// A convolution 3x3 with padding 1 and a bias: weight [out,in,3,3], bias [out], of a floating dtype, on the CPU.
struct Convolution {
  at::Tensor weight, bias;
};

/// convolution (1 -> C1), ReLU, max pool 2, convolution (C1 -> C2), ReLU, mean over the plane, in one pass over the
/// picture: of the planes in between only a band's rows exist at a time. The second convolution is Winograd's
/// F(2x2,3x3), which needs 16 multiplications where the definition has 36. Sums go over bands of fixed height, so that
/// the result does not depend on the number of threads. `run` may be called by several threads.
class PackedSpectrum {
 public:
  PackedSpectrum(const Convolution& first, const Convolution& second, const Kernels& kernels);
  ~PackedSpectrum();

  /// [B,1,H,W] float32, contiguous, H and W at least 2 -> [B,C2].
  at::Tensor run(const at::Tensor& pictures) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dfpipe::detector::cpu
