#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clip_vision.hpp"
#include "heads.hpp"

namespace dfpipe::detector {

/// A file that decides the model's numbers, and the part it plays wherever it lies: "clip_vision/model.safetensors".
struct ModelFile {
  std::string role;
  std::filesystem::path path;
};

/// The whole detector: CLIP on the picture, a CNN on its spectrum, one classifier over both.
struct DetectorModel {
  ClipVision clip;
  Heads heads;
  std::string name;              ///< the folder's name
  std::vector<ModelFile> files;  ///< weights, configurations and the preprocessing profile, by role

  /// Reads a model folder: `clip_vision/` (Hugging Face, see ClipVision::load) and `head_weights.safetensors`, or
  /// else the original's `head_weights.pt` (see Heads). When `clip_vision/` is missing but `dora/` is there, as
  /// training leaves it, the adapters are merged into the base that `adapter_config.json` names, if that is a folder on
  /// this machine. Beside `clip_vision/`, `dora/` is what was merged already and is not read. Throws ModelError.
  static DetectorModel load(const std::filesystem::path& folder);

  /// The same for who reads each of CLIP's weights once: where no adapters are to be merged they stay in the mapped
  /// files, see ClipVision::map.
  static DetectorModel map(const std::filesystem::path& folder);

  /// "ViT 24x1024, patch 14, image 224"
  std::string architecture() const;
};

}  // namespace dfpipe::detector
