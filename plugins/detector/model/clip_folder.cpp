#include "clip_folder.hpp"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "checkpoint.hpp"
#include "error.hpp"
#include "safetensors.hpp"
#include "temporary_file.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void write_json(const fs::path& file, const Json& json) {
  const std::string text = json.dump(2) + "\n";
  TemporaryFile out(file);
  out.write(text.data(), text.size());
  out.publish();
}

const char* torch_name(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "bfloat16" : dtype == at::kHalf ? "float16" : "float32";
}

}  // namespace

void save_clip(const ClipVision& clip, const fs::path& folder, at::ScalarType dtype) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw ModelError(folder.string() + ": cannot be created: " + failed.message());
  const ClipConfig& c = clip.config();
  write_json(folder / "config.json", {{"architectures", {"CLIPVisionModel"}},
                                      {"hidden_act", c.hidden_act == Activation::gelu ? "gelu" : "quick_gelu"},
                                      {"hidden_size", c.hidden_size},
                                      {"image_size", c.image_size},
                                      {"intermediate_size", c.intermediate_size},
                                      {"layer_norm_eps", c.layer_norm_eps},
                                      {"model_type", "clip_vision_model"},
                                      {"num_attention_heads", c.num_attention_heads},
                                      {"num_channels", c.num_channels},
                                      {"num_hidden_layers", c.num_hidden_layers},
                                      {"patch_size", c.patch_size},
                                      {"torch_dtype", torch_name(dtype)}});
  const fs::path file = folder / "model.safetensors";
  std::map<std::string, at::Tensor> tensors = clip.parameters();
  for (auto& [name, tensor] : tensors) {
    tensor = tensor.to(dtype);
    require_finite(tensor, file.string() + ": tensor '" + name + "' in " + torch_name(dtype));
  }
  write_safetensors(file, tensors, {{"format", "pt"}});
}

void save_clip_profile(const fs::path& file, std::int64_t image_size) {
  write_json(file, {{"crop_size", {{"height", image_size}, {"width", image_size}}},
                    {"do_center_crop", true},
                    {"do_convert_rgb", true},
                    {"do_normalize", true},
                    {"do_rescale", true},
                    {"do_resize", true},
                    {"image_mean", {0.48145466, 0.4578275, 0.40821073}},
                    {"image_processor_type", "CLIPImageProcessor"},
                    {"image_std", {0.26862954, 0.26130258, 0.27577711}},
                    {"resample", 3},
                    {"rescale_factor", 1.0 / 255},
                    {"size", {{"shortest_edge", image_size}}}});
}

}  // namespace dfpipe::detector
