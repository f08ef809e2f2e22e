#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "clip_encoder.hpp"

namespace dfpipe::detector {

/// A CLIP vision transformer prepared for inference on the CPU: weights packed as oneDNN wants them, in float32 or
/// bfloat16; no autograd; all temporaries in one workspace that is kept from call to call. The residual stream, the
/// layer norms and the attention are float32 in either precision. Same numbers as ClipVision up to rounding.
///
/// `forward` may be called by several threads; each call in flight takes a workspace of its own. More pictures than
/// `max_pictures` are taken in turns, so that memory does not grow with the batch.
class CpuClip final : public ClipEncoder {
 public:
  /// Consumes the model layer by layer: adapters are worked in, and each weight is given back once it is packed, so
  /// that at no time more than one layer exists twice. `dtype` float32 or bfloat16. Throws ModelError when a head is
  /// wider than 256 or a number is not finite.
  CpuClip(ClipVision&& model, at::ScalarType dtype);
  ~CpuClip() override;

  ClipOutput forward(const at::Tensor& pixels, const ClipRequest& request) const override;
  const ClipConfig& config() const noexcept override;
  std::size_t weight_bytes() const override;

  static constexpr std::int64_t max_pictures = 8;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dfpipe::detector
