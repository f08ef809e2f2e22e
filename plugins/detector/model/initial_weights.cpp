#include "initial_weights.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "uniform_numbers.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::int64_t projection_hidden_width = 256;

/// The deviation of a weight of CLIP, by its name.
double clip_deviation(const std::string& name, const ClipConfig& config) {
  const auto d = static_cast<double>(config.hidden_size);
  const auto layers = static_cast<double>(config.num_hidden_layers);
  if (name.ends_with("class_embedding")) return 1 / std::sqrt(d);
  if (name.find("embedding") != std::string::npos) return 0.02;
  if (name.find("out_proj") != std::string::npos) return 1 / std::sqrt(d);
  if (name.find("fc1") != std::string::npos) return 1 / std::sqrt(2 * d);
  return 1 / std::sqrt(2 * layers * d);
}

bool is_norm(const std::string& name) { return name.find("norm") != std::string::npos; }

/// A layer's weight and bias, by PyTorch's rule.
void start_layer(const std::string& name, at::Tensor& weight, at::Tensor& bias, std::uint64_t seed) {
  const double bound = 1 / std::sqrt(static_cast<double>(weight.numel() / weight.size(0)));
  weight.copy_(uniform_numbers(weight.sizes().vec(), name + ".weight", seed).mul_(bound));
  bias.copy_(uniform_numbers(bias.sizes().vec(), name + ".bias", seed).mul_(bound));
}

void start_norm(BatchNorm& norm) {
  norm.weight.fill_(1);
  norm.bias.zero_();
  norm.running_mean.zero_();
  norm.running_var.fill_(1);
  norm.num_batches_tracked.zero_();
}

}  // namespace

void start_clip(ClipVision& clip, std::uint64_t seed) {
  const at::NoGradGuard constant;
  for (auto& [name, tensor] : clip.parameters()) {
    at::Tensor weight = tensor;
    if (name.ends_with(".bias"))
      weight.zero_();
    else if (is_norm(name))
      weight.fill_(1);
    else
      weight.copy_(normal_numbers(weight.sizes().vec(), name, seed).mul_(clip_deviation(name, clip.config())));
  }
}

void start_heads(Heads& heads, std::uint64_t seed) {
  const at::NoGradGuard constant;
  SpectrumBranch& spectrum = heads.spectrum;
  start_layer("fft_branch.0", spectrum.conv1_weight, spectrum.conv1_bias, seed);
  start_norm(spectrum.norm1);
  start_layer("fft_branch.4", spectrum.conv2_weight, spectrum.conv2_bias, seed);
  start_norm(spectrum.norm2);
  start_layer("fft_branch.9", spectrum.out.weight, spectrum.out.bias, seed);
  start_layer("classifier.0", heads.fusion.hidden.weight, heads.fusion.hidden.bias, seed);
  start_layer("classifier.3", heads.fusion.out.weight, heads.fusion.out.bias, seed);
}

void start_projection(Heads& heads, std::int64_t width, std::uint64_t seed) {
  const at::NoGradGuard constant;
  const std::int64_t fused = heads.fusion.hidden.weight.size(1);
  heads.projection_hidden = {at::empty({projection_hidden_width, fused}), at::empty({projection_hidden_width}),
                             nullptr};
  heads.projection_out = {at::empty({width, projection_hidden_width}), at::empty({width}), nullptr};
  start_layer("projection_head.0", heads.projection_hidden.weight, heads.projection_hidden.bias, seed);
  start_layer("projection_head.2", heads.projection_out.weight, heads.projection_out.bias, seed);
}

}  // namespace dfpipe::detector
