#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <memory>

#include "clip_vision.hpp"

namespace dfpipe::detector {

/// CLIP ready to embed pictures on one device. `forward` may be called by several threads.
class ClipEncoder {
 public:
  virtual ~ClipEncoder();

  /// As ClipVision::forward; the pooled rows are float32, on the device. Throws ModelError for what the encoder cannot
  /// give (hidden states and dropout where the weights are packed).
  virtual ClipOutput forward(const at::Tensor& pixels, const ClipRequest& request) const = 0;

  virtual const ClipConfig& config() const noexcept = 0;
  virtual std::size_t weight_bytes() const = 0;
};

/// For inference: adapters are worked in; on the CPU, where oneDNN is there, the weights are packed for it (CpuClip);
/// elsewhere LibTorch's operations compute in the given precision. Throws ModelError.
std::unique_ptr<ClipEncoder> make_encoder(ClipVision&& model, at::Device device, at::ScalarType precision);

/// Whether bfloat16 runs on this processor's own instructions.
bool has_fast_bf16();

/// Floating-point operations of the matrix products and attentions that an encoder has to do for one picture (a
/// multiply-add counts twice): of the last block only the CLS token's row is wanted.
double operations_per_picture(const ClipConfig& config);

}  // namespace dfpipe::detector
