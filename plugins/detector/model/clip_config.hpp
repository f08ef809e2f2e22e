#pragma once

#include <cstdint>
#include <filesystem>

namespace dfpipe::detector {

enum class Activation : std::uint8_t { quick_gelu, gelu };

/// The shape of a CLIP vision transformer (Radford et al. 2021, section 2.4), with the defaults that Hugging Face's
/// CLIPVisionConfig has for what a file leaves out.
struct ClipConfig {
  std::int64_t hidden_size = 768;
  std::int64_t intermediate_size = 3072;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t num_channels = 3;
  std::int64_t image_size = 224;
  std::int64_t patch_size = 32;
  Activation hidden_act = Activation::quick_gelu;  ///< x sigmoid(1.702 x), or x Phi(x) by the error function
  double layer_norm_eps = 1e-5;

  std::int64_t grid() const noexcept { return image_size / patch_size; }
  std::int64_t tokens() const noexcept { return grid() * grid() + 1; }  ///< the CLS token and the patches
  std::int64_t head_size() const noexcept { return hidden_size / num_attention_heads; }
};

/// Reads `config.json` of a CLIPVisionModel or of a whole CLIPModel, whose vision settings stand under `vision_config`.
/// Unknown keys are passed over, as Hugging Face does. Throws ModelError.
ClipConfig read_clip_config(const std::filesystem::path& file);

}  // namespace dfpipe::detector
