#include "detector_timing.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <utility>

#include "clip_config.hpp"
#include "detector_model.hpp"
#include "error.hpp"
#include "torch_compat.hpp"

namespace dfpipe::detector {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class Work>
void keep_fastest(double& best, at::Device device, const Work& work) {
  wait_for(device);
  const auto start = Clock::now();
  work();
  wait_for(device);
  const double seconds = seconds_since(start);
  best = best > 0 ? std::min(best, seconds) : seconds;
}

/// Numbers of a size that keeps every layer's output in range; a variance must not be negative.
void fill(const std::string& name, at::Tensor tensor, at::Generator& generator) {
  if (!tensor.is_floating_point()) return;
  tensor.normal_(0, 0.02, generator);
  const bool scale = name.find("norm") != std::string::npos && name.ends_with("weight");
  if (scale || name.ends_with("running_var")) tensor.fill_(1);
}

}  // namespace

BenchModel random_vit_l14(at::Device device, at::ScalarType precision) {
  const at::NoGradGuard constant;
  ClipConfig config;
  config.hidden_size = 1024;
  config.intermediate_size = 4096;
  config.num_hidden_layers = 24;
  config.num_attention_heads = 16;
  config.patch_size = 14;
  at::Generator generator = seeded_generator(1);
  ClipVision clip(config);
  // Converted while nothing is in it, so that the weights exist in this precision only.
  if (device.is_cpu()) clip.to(device, precision);
  for (const auto& [name, tensor] : clip.parameters()) fill(name, tensor, generator);
  Heads heads(config.hidden_size);
  for (const auto& [name, tensor] : heads.parameters()) fill(name, tensor, generator);
  heads.to(device, at::kFloat);
  return {make_encoder(std::move(clip), device, precision), std::move(heads), device, precision};
}

BenchModel read_model(const std::filesystem::path& folder, at::Device device, at::ScalarType precision) {
  DetectorModel model = DetectorModel::map(folder);
  model.heads.to(device, at::kFloat);
  return {make_encoder(std::move(model.clip), device, precision), std::move(model.heads), device, precision};
}

ForwardTimes time_forward(const BenchModel& model, std::int64_t batch, double seconds, const std::stop_token& stop) {
  const at::NoGradGuard constant;
  const std::int64_t side = model.clip->config().image_size;
  at::Generator generator = seeded_generator(2);
  const at::Tensor pixels = at::empty({batch, 3, side, side}).normal_(0, 1, generator);
  const at::Tensor spectrum = at::empty({batch, 1, side, side}).uniform_(0, 10, generator);
  ClipRequest with_attentions;
  with_attentions.attentions = HeadFusion::mean;
  at::Tensor embedding = model.clip->forward(pixels, {}).pooled;  // prepares what a first call prepares

  ForwardTimes best;
  const auto start = Clock::now();
  for (int round = 0; (round < 3 || seconds_since(start) < seconds) && !stop.stop_requested(); ++round) {
    keep_fastest(best.clip, model.device, [&] { embedding = model.clip->forward(pixels, {}).pooled; });
    keep_fastest(best.clip_with_attentions, model.device, [&] { model.clip->forward(pixels, with_attentions); });
    keep_fastest(best.spectrum_and_heads, model.device, [&] {
      model.heads.fusion.forward(at::cat({embedding, model.heads.spectrum.forward(spectrum, false)}, 1));
    });
  }
  return best;
}

double time_reading(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) throw ModelError(folder.string() + ": is no model folder");
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
    if (file.is_regular_file() && file.path().extension() == ".safetensors") files.push_back(file.path());
  const auto start = Clock::now();
  for (const auto& file : files) {
    const auto size = std::filesystem::file_size(file);
    const std::unique_ptr<char[]> bytes(new char[size]);
    std::ifstream in(file, std::ios::binary);
    if (!in.read(bytes.get(), static_cast<std::streamsize>(size)))
      throw ModelError(file.string() + ": cannot be read to its end");
  }
  return seconds_since(start);
}

}  // namespace dfpipe::detector
