#include "training_start.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "adapters.hpp"
#include "clip_config.hpp"
#include "detector_model.hpp"
#include "error.hpp"
#include "initial_weights.hpp"

namespace dfpipe::detector {

AdapterConfig new_adapters(std::int64_t rank, double alpha, double dropout, bool dora,
                           const std::vector<std::string>& targets) {
  const std::vector<std::string> known = {"q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"};
  for (const std::string& target : targets)
    if (std::ranges::find(known, target) == known.end())
      throw ModelError("there is no projection '" + target + "' (q_proj, k_proj, v_proj, out_proj, fc1, fc2)");
  AdapterConfig config;
  config.rank = rank;
  config.alpha = alpha;
  config.dropout = dropout;
  config.dora = dora;
  config.targets.names = targets;
  return config;
}

std::unique_ptr<TrainableModel> TrainingStart::make(at::Device device, at::ScalarType precision) const {
  std::optional<AdapterConfig> settings;
  ClipVision model = clip(settings);
  Heads both = heads(model.config().hidden_size);
  return std::make_unique<TrainableModel>(std::move(model), std::move(both), std::move(settings), device, precision);
}

ClipVision TrainingStart::clip(std::optional<AdapterConfig>& settings) const {
  if (from_scratch) {
    if (!all) throw ModelError("from_scratch wants 'train: all': adapters on random weights learn nothing");
    ClipVision model(read_clip_config(layout.require_clip() / "config.json"));
    start_clip(model, seed);
    return model;
  }
  if (all) return load_merged_clip(layout);
  if (layout.kind == ModelLayout::Kind::training) {
    ClipVision model = ClipVision::load(layout.require_clip());
    settings = load_adapters(model, layout.adapters);
    settings->base = base_path();
    return model;
  }
  ClipVision model = load_merged_clip(layout);
  settings = adapters;
  settings->base = base_path();
  add_adapters(model, *settings, seed);
  return model;
}

std::string TrainingStart::base_path() const {
  return std::filesystem::absolute(layout.clip).lexically_normal().string();
}

Heads TrainingStart::heads(std::int64_t clip_width) const {
  const bool there = keep_heads && !from_scratch && !layout.heads.empty();
  Heads heads = there ? Heads::load(layout.heads, clip_width) : Heads(clip_width);
  if (!there || !heads.trained) start_heads(heads, seed);
  if (!heads.projection_out.weight.defined() || !heads.trained) start_projection(heads, projection, seed);
  heads.fusion.dropout = classifier_dropout;
  return heads;
}

std::vector<ModelFile> TrainingStart::files() const {
  if (from_scratch) return {{"clip_vision/config.json", layout.clip / "config.json"}};
  std::vector<ModelFile> files = layout.files();
  if (!keep_heads) std::erase_if(files, [this](const ModelFile& file) { return file.path == layout.heads; });
  return files;
}

}  // namespace dfpipe::detector
