#include "clip_encoder.hpp"

#include <ATen/ATen.h>

#include <utility>

#ifdef DFPIPE_ONEDNN
#include "cpu/cpu_clip.hpp"
#include "cpu/packed_linear.hpp"
#endif

namespace dfpipe::detector {
namespace {

class PlainClip final : public ClipEncoder {
 public:
  PlainClip(ClipVision&& model, at::Device device, at::ScalarType precision) : model_(std::move(model)) {
    model_.merge_adapters();
    model_.to(device, precision);
  }

  ClipOutput forward(const at::Tensor& pixels, const ClipRequest& request) const override {
    const at::NoGradGuard constant;
    // From pinned memory the copy runs beside what the GPU is still doing.
    const bool to_gpu = model_.device().is_cuda() && pixels.is_cpu();
    ClipOutput out =
        model_.forward(to_gpu ? pixels.pin_memory().to(model_.device(), pixels.scalar_type(), true) : pixels, request);
    out.pooled = out.pooled.to(at::kFloat);
    return out;
  }

  const ClipConfig& config() const noexcept override { return model_.config(); }

  std::size_t weight_bytes() const override {
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : model_.parameters()) bytes += tensor.nbytes();
    return bytes;
  }

 private:
  ClipVision model_;
};

}  // namespace

ClipEncoder::~ClipEncoder() = default;

std::unique_ptr<ClipEncoder> make_encoder(ClipVision&& model, at::Device device, at::ScalarType precision) {
#ifdef DFPIPE_ONEDNN
  if (device.is_cpu() && precision != at::kHalf) return std::make_unique<CpuClip>(std::move(model), precision);
#endif
  return std::make_unique<PlainClip>(std::move(model), device, precision);
}

bool has_fast_bf16() {
#ifdef DFPIPE_ONEDNN
  return cpu::has_fast_bf16();
#else
  return __builtin_cpu_supports("avx512bf16") != 0;
#endif
}

double operations_per_picture(const ClipConfig& config) {
  const auto tokens = static_cast<double>(config.tokens()), d = static_cast<double>(config.hidden_size);
  const auto hidden = static_cast<double>(config.intermediate_size);
  const auto layers = static_cast<double>(config.num_hidden_layers);
  const auto patch_numbers = 3.0 * static_cast<double>(config.patch_size * config.patch_size);
  const double qkv = 6 * d * d;
  const double rest = 4 * tokens * d + 2 * d * d + 4 * d * hidden;  // a token: attention, out, fc1, fc2
  return 2 * (tokens - 1) * d * patch_numbers + layers * tokens * qkv + ((layers - 1) * tokens + 1) * rest;
}

}  // namespace dfpipe::detector
