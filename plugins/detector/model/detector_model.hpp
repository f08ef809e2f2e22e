#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clip_vision.hpp"
#include "heads.hpp"
#include "model_layout.hpp"

namespace dfpipe::detector {

/// "ViT 24x1024, patch 14, image 224"
std::string architecture_text(const ClipConfig& config);

/// The whole detector: CLIP on the picture, a CNN on its spectrum, one classifier over both.
struct DetectorModel {
  ClipVision clip;
  Heads heads;
  std::string name;              ///< the folder's name
  std::vector<ModelFile> files;  ///< weights, configurations and the preprocessing profile, by role

  /// Reads a model folder: `clip_vision/` (Hugging Face, see ClipVision::load) and `head_weights.safetensors`, or
  /// else the original's `head_weights.pt` (see Heads). When `clip_vision/` is missing but `dora/` is there, as
  /// training leaves it, the adapters are merged into their base; see ModelLayout::find. Throws ModelError.
  static DetectorModel load(const ModelLayout& layout);
  static DetectorModel load(const std::filesystem::path& folder) { return load(ModelLayout::find(folder)); }

  /// The same for who reads each of CLIP's weights once: where no adapters are to be merged they stay in the mapped
  /// files, see ClipVision::map.
  static DetectorModel map(const ModelLayout& layout);
  static DetectorModel map(const std::filesystem::path& folder) { return map(ModelLayout::find(folder)); }

  std::string architecture() const { return architecture_text(clip.config()); }
};

/// CLIP alone, with the adapters that belong on top merged. Throws ModelError.
ClipVision load_merged_clip(const ModelLayout& layout);

}  // namespace dfpipe::detector
