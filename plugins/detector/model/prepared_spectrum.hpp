#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

namespace dfpipe::detector {

struct SpectrumBranch;

/// The convolutions of a spectrum branch packed for inference on the CPU, where that is compiled in (oneDNN is there).
/// They are packed at the first call and again whenever a weight or a running statistic has changed since; calls may
/// come from several threads, but not while somebody changes the weights.
class PreparedSpectrum {
 public:
  PreparedSpectrum();
  ~PreparedSpectrum();

  /// [B,1,H,W] float32 on the CPU -> [B,C2], the mean over the plane behind the second convolution. Undefined for what
  /// LibTorch's operations must do: other weights than float32 on the CPU, pictures of other shapes.
  at::Tensor features(const SpectrumBranch& branch, const at::Tensor& spectrum);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dfpipe::detector
