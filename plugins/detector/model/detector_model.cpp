#include "detector_model.hpp"

#include <ATen/ATen.h>

#include "adapters.hpp"

namespace dfpipe::detector {
namespace {

using ReadClip = ClipVision (*)(const std::filesystem::path&);

ClipVision load_clip(const ModelLayout& layout, ReadClip read) {
  const std::filesystem::path& folder = layout.require_clip();
  if (layout.adapters.empty()) return read(folder);
  ClipVision clip = ClipVision::load(folder);
  load_adapters(clip, layout.adapters);
  clip.merge_adapters();
  return clip;
}

DetectorModel load_model(const ModelLayout& layout, ReadClip read) {
  layout.require_heads();
  ClipVision clip = load_clip(layout, read);
  Heads heads = Heads::load(layout.heads, clip.config().hidden_size);
  return {std::move(clip), std::move(heads), layout.name(), layout.files()};
}

}  // namespace

DetectorModel DetectorModel::load(const ModelLayout& layout) { return load_model(layout, ClipVision::load); }

DetectorModel DetectorModel::map(const ModelLayout& layout) { return load_model(layout, ClipVision::map); }

ClipVision load_merged_clip(const ModelLayout& layout) { return load_clip(layout, ClipVision::load); }

std::string architecture_text(const ClipConfig& c) {
  return "ViT " + std::to_string(c.num_hidden_layers) + "x" + std::to_string(c.hidden_size) + ", patch " +
         std::to_string(c.patch_size) + ", image " + std::to_string(c.image_size);
}

}  // namespace dfpipe::detector
