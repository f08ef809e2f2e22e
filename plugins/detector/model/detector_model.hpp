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

  /// Reads a model folder: `clip_vision/` (Hugging Face, see ClipVision::load) and `head_weights.safetensors`. When
  /// `clip_vision/` is missing but `dora/` is there, as training leaves it, the adapters are merged into the base that
  /// `adapter_config.json` names, if that is a folder on this machine. Beside `clip_vision/`, `dora/` is what was
  /// merged already and is not read. Throws ModelError.
  static DetectorModel load(const std::filesystem::path& folder);

  void to(at::Device device, at::ScalarType dtype) {
    clip.to(device, dtype);
    heads.to(device, at::kFloat);  // small, and sensitive to rounding: the spectrum reaches far beyond 1
  }
  /// "ViT 24x1024, patch 14, image 224"
  std::string architecture() const;
};

/// "auto" (CUDA when there is one), "cpu", "cuda", "cuda:N", "mps" to a device that is there. Throws ModelError.
at::Device resolve_device(const std::string& wish);

/// "auto", "fp32", "bf16", "fp16" for that device; auto is fp32. Throws ModelError for fp16 without a GPU.
at::ScalarType resolve_precision(const std::string& wish, at::Device device);

/// "fp32", "bf16", "fp16"
std::string precision_name(at::ScalarType dtype);

}  // namespace dfpipe::detector
