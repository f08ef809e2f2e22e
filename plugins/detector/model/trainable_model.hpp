#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapter_config.hpp"
#include "clip_encoder.hpp"
#include "heads.hpp"

namespace dfpipe::detector {

/// A tensor of a model and its name in the files.
struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

/// A detector whose weights change. While gradients are recorded `forward` is the plain model's, adapters beside their
/// frozen base, with dropout where the request brings a generator; otherwise it is that of the prepared encoder
/// (make_encoder), which is made anew from merged weights when it is first asked for after `changed`.
///
/// What learns: the adapters or, without any, all of CLIP; and always the heads, projection head included. It is kept
/// in float32. A half precision is autocast over CLIP's forward pass; the heads, to which a spectrum beyond 1 goes, and
/// all else stay in float32.
///
/// `forward` may be called by several threads, but not while a weight is being changed.
class TrainableModel final : public ClipEncoder {
 public:
  /// The adapters of `clip`, if any, must have been made with `adapters`. `heads` must have a projection head.
  TrainableModel(ClipVision&& clip, Heads&& heads, std::optional<AdapterConfig> adapters, at::Device device,
                 at::ScalarType precision);
  ~TrainableModel() override;

  ClipOutput forward(const at::Tensor& pixels, const ClipRequest& request) const override;
  const ClipConfig& config() const noexcept override { return clip_.config(); }
  std::size_t weight_bytes() const override;

  const Heads& heads() const noexcept { return heads_; }
  at::Device device() const noexcept { return device_; }
  at::ScalarType precision() const noexcept { return precision_; }
  bool has_adapters() const noexcept { return adapters_.has_value(); }

  /// Everything that gets a gradient. Adapters stand in the order of PEFT's modules, k, v, q, out in each layer with A,
  /// B, magnitude, then come fft_branch, classifier and projection head: the order of the original's optimizer.
  const std::vector<NamedTensor>& parameters() const noexcept { return parameters_; }
  /// What training moves without a gradient: the batch norms' running statistics and counters.
  std::vector<NamedTensor> buffers() const;

  /// To be said after the weights have been changed.
  void changed();

  /// `z = normalise(projection(fused))`, [B,P], the contrastive loss's view of the fused vector.
  at::Tensor project(const at::Tensor& fused) const;

  /// Writes what a training is under way with, as the original leaves it: `dora/` and `head_weights.pt` with the
  /// projection head; without adapters `clip_vision/` and `head_weights.safetensors`. Throws ModelError.
  void save_parts(const std::filesystem::path& folder) const;

 private:
  ClipVision merged() const;
  void list_parameters();

  ClipVision clip_;
  Heads heads_;
  std::optional<AdapterConfig> adapters_;
  at::Device device_;
  at::ScalarType precision_;
  std::vector<NamedTensor> parameters_;

  mutable std::mutex mutex_;  ///< guards what follows
  mutable std::shared_ptr<const ClipEncoder> prepared_;
};

}  // namespace dfpipe::detector
