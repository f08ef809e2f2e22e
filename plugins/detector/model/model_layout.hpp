#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dfpipe::detector {

/// A file that decides the model's numbers, and the part it plays wherever it lies: "clip_vision/model.safetensors".
struct ModelFile {
  std::string role;
  std::filesystem::path path;
};

/// Where the parts of a model lie in a folder. Nothing is opened but `adapter_config.json`.
struct ModelLayout {
  enum class Kind : std::uint8_t {
    merged,    ///< `clip_vision/`: what this program and the original's finished training leave
    training,  ///< `dora/` without `clip_vision/`: the original's training under way
    clip,      ///< a CLIP model of Hugging Face, alone
    adapters   ///< adapters of PEFT, alone
  };
  Kind kind = Kind::merged;
  std::filesystem::path folder;
  std::filesystem::path clip;      ///< folder with CLIP's config.json; empty: none on this machine
  std::filesystem::path adapters;  ///< folder with adapter_config.json that belongs on top; empty: none
  std::filesystem::path heads;     ///< head_weights.safetensors, or else head_weights.pt; empty: none
  std::filesystem::path profile;   ///< preprocessor_config.json, of the folder or else of its CLIP; empty: none
  std::string base_name;           ///< what adapter_config.json calls its base

  /// `base`: the CLIP folder below adapters; empty: the one that `base_model_name_or_path` names, seen from the
  /// working directory or else from the folder that holds the adapters. Beside `clip_vision/`, `dora/` is what was
  /// merged already and is passed over. Throws ModelError when nothing of a model is there.
  static ModelLayout find(const std::filesystem::path& folder, const std::filesystem::path& base = {});

  /// The folder's name.
  std::string name() const;
  /// Weights, configurations and the folder's own preprocessing profile, by role.
  std::vector<ModelFile> files() const;

  /// "…: has neither head_weights.safetensors nor head_weights.pt", where the heads are wanted. Throws ModelError.
  const std::filesystem::path& require_heads() const;
  /// The same for the folder with CLIP.
  const std::filesystem::path& require_clip() const;
};

}  // namespace dfpipe::detector
