#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clip_config.hpp"
#include "linear.hpp"

namespace dfpipe::detector {

class Checkpoint;

/// How the attention matrices of a layer's heads become one (mean: Abnar & Zuidema 2020).
enum class HeadFusion : std::uint8_t { mean, max, min };

struct Norm {
  at::Tensor weight;
  at::Tensor bias;
};

struct EncoderLayer {
  Norm norm1, norm2;
  Linear q, k, v, out, fc1, fc2;
};

/// Everything that a checkpoint holds.
struct ClipWeights {
  at::Tensor patch_weight;     ///< [D,3,P,P]
  at::Tensor class_embedding;  ///< [D]
  at::Tensor positions;        ///< [T,D]
  Norm pre_norm, post_norm;
  std::vector<EncoderLayer> layers;
};

/// What a forward pass shall give besides the embedding.
struct ClipRequest {
  std::optional<HeadFusion> attentions;       ///< fused attention of every layer
  bool hidden_states = false;                 ///< all L+1, the last one being the last hidden state
  std::optional<at::Generator> dropout = {};  ///< training: where the adapters' dropout masks come from
};

struct ClipOutput {
  at::Tensor pooled;                      ///< [B,D]: post_layernorm of the CLS token, Hugging Face's pooler_output
  std::vector<at::Tensor> attentions;     ///< [B,T,T] a layer, first layer first, no gradient
  std::vector<at::Tensor> hidden_states;  ///< [B,T,D]
};

/// A CLIP vision transformer (Radford et al. 2021; ViT: Dosovitskiy et al. 2020), as Hugging Face's CLIPVisionModel
/// computes it: pre-norm blocks, q scaled by 1/sqrt(head size), CLS token first.
///
/// `forward` is const and may be called by several threads. While gradients are recorded every operation is kept apart
/// for autograd; otherwise temporaries are reused and the last block is computed for the CLS token alone where nothing
/// else is asked for.
class ClipVision {
 public:
  /// Reads `config.json` and the weights of a Hugging Face folder: F32, F16, BF16 or F64, widened to float32. Keys with
  /// and without the `vision_model.` prefix; of a whole CLIP model the text tower, the projections and the logit scale
  /// are passed over, and position_ids always. All other unknown or missing keys, wrong shapes and numbers that are not
  /// finite are a ModelError that names them.
  static ClipVision load(const std::filesystem::path& folder);

  /// The same, but the weights lie in the mapped files, in the files' dtypes: for who reads each of them once. Each
  /// goes out of memory when its tensor does. They must not be written to, and the files must not be changed meanwhile.
  static ClipVision map(const std::filesystem::path& folder);

  /// Which tensor of a checkpoint is which weight (without the prefix). Throws what `load` throws about names, shapes
  /// and dtypes, and reads no numbers.
  static std::map<std::string, std::string> match(const ClipConfig& config, const Checkpoint& checkpoint);

  /// Weights of the given shape, not yet set: fill them through `parameters`.
  explicit ClipVision(const ClipConfig& config, at::Device device = at::kCPU);

  /// `pixels` [B,3,S,S], normalised. Throws ModelError when the shape is another.
  ClipOutput forward(const at::Tensor& pixels, const ClipRequest& request = {}) const;

  const ClipConfig& config() const noexcept { return config_; }
  /// Name as in Hugging Face's files (with prefix) to the tensor itself, adapters left out.
  std::map<std::string, at::Tensor> parameters() const;
  std::int64_t parameter_count() const;
  /// Moves and converts all weights in place.
  void to(at::Device device, at::ScalarType dtype);
  at::Device device() const { return weights_.class_embedding.device(); }
  at::ScalarType dtype() const { return weights_.class_embedding.scalar_type(); }

  std::vector<EncoderLayer>& layers() noexcept { return weights_.layers; }
  /// The weights themselves, for who packs or converts them one by one; the model is empty afterwards.
  ClipWeights take() && { return std::move(weights_); }
  /// A projection by its name in PEFT's target_modules style, e.g. "encoder.layers.3.self_attn.q_proj"; null: none.
  Linear* projection(const std::string& name);
  /// Works every adapter into the weights and drops it.
  void merge_adapters();
  /// Lets go of autograd: the weights share their numbers with what they were taken from, and record nothing.
  void detach();

 private:
  enum class Storage : std::uint8_t { own, mapped };
  static ClipVision read(const std::filesystem::path& folder, Storage storage);
  template <class Visit>
  void visit(Visit visit);
  at::Tensor embed(const at::Tensor& pixels) const;

  ClipConfig config_;
  ClipWeights weights_;
};

/// Throws ModelError unless `pixels` is [B,3,S,S] with the configuration's S.
void require_pixels(const at::Tensor& pixels, const ClipConfig& config);

}  // namespace dfpipe::detector
