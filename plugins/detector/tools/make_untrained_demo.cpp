// Writes a small detector with random weights, the same ones every time: models/demo until one is trained.
//
//     ninja make_untrained_demo && bin/make_untrained_demo models/demo

#include <ATen/ATen.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "clip_vision.hpp"
#include "dfpipe/random.hpp"
#include "heads.hpp"
#include "safetensors.hpp"

namespace {

using dfpipe::Random;
namespace fs = std::filesystem;

constexpr std::uint64_t seed = 20;

/// Matrices and kernels N(0, gain/fan-in), scales 1, everything else 0: outputs keep the size of the inputs.
void fill(const std::map<std::string, at::Tensor>& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (tensor.scalar_type() == at::kLong) continue;
    float* const at = tensor.data_ptr<float>();
    Random random(seed, Random::hash(name));
    const bool embedding = name.ends_with("class_embedding") || name.ends_with("position_embedding.weight");
    const bool is_one = name.ends_with("running_var") || (tensor.dim() == 1 && name.ends_with(".weight"));
    double deviation = embedding ? 0.5 : 0;
    if (!embedding && tensor.dim() > 1)
      deviation = std::sqrt(1.5 * static_cast<double>(tensor.size(0)) / static_cast<double>(tensor.numel()));
    if (name == "classifier.3.weight") deviation *= 0.05;  // weights that know nothing should not sound sure
    for (std::int64_t i = 0; i < tensor.numel(); ++i)
      at[i] = is_one ? 1.0f : static_cast<float>(deviation > 0 ? deviation * random.normal() : 0.0);
  }
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw std::runtime_error(file.string() + ": cannot be written");
}

void make(const fs::path& folder) {
  dfpipe::detector::ClipConfig config;
  config.hidden_size = 96;
  config.intermediate_size = 384;
  config.num_hidden_layers = 4;
  config.num_attention_heads = 4;
  const dfpipe::detector::ClipVision clip(config);
  fill(clip.parameters());
  dfpipe::detector::Heads heads(config.hidden_size);
  heads.trained = false;
  fill(heads.parameters());

  fs::create_directories(folder / "clip_vision");
  write_text(folder / "clip_vision/config.json", R"({
  "architectures": ["CLIPVisionModel"],
  "hidden_act": "quick_gelu",
  "hidden_size": 96,
  "image_size": 224,
  "intermediate_size": 384,
  "layer_norm_eps": 1e-05,
  "model_type": "clip_vision_model",
  "num_attention_heads": 4,
  "num_channels": 3,
  "num_hidden_layers": 4,
  "patch_size": 32,
  "torch_dtype": "float32"
}
)");
  write_text(folder / "preprocessor_config.json", R"({
  "crop_size": {"height": 224, "width": 224},
  "do_center_crop": true,
  "do_convert_rgb": true,
  "do_normalize": true,
  "do_rescale": true,
  "do_resize": true,
  "image_mean": [0.48145466, 0.4578275, 0.40821073],
  "image_processor_type": "CLIPImageProcessor",
  "image_std": [0.26862954, 0.26130258, 0.27577711],
  "resample": 3,
  "rescale_factor": 0.00392156862745098,
  "size": {"shortest_edge": 224}
}
)");
  dfpipe::detector::write_safetensors(folder / "clip_vision/model.safetensors", clip.parameters(), {{"format", "pt"}});
  heads.save(folder / "head_weights.safetensors");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: make_untrained_demo FOLDER\n";
    return 2;
  }
  make(argv[1]);
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
