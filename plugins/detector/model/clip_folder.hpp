#pragma once

#include <c10/core/ScalarType.h>

#include <filesystem>

#include "clip_vision.hpp"

namespace dfpipe::detector {

/// Writes a CLIPVisionModel as Hugging Face's `from_pretrained` reads it: `config.json` and `model.safetensors`, whose
/// names have the prefix `vision_model.`, in `dtype` (kFloat, kBFloat16, kHalf). `folder` is made when it is not there.
/// Throws ModelError, also for a number that `dtype` cannot hold.
void save_clip(const ClipVision& clip, const std::filesystem::path& folder, at::ScalarType dtype = at::kFloat);

/// Writes the `preprocessor_config.json` that CLIP was published with, for pictures of `image_size`.
void save_clip_profile(const std::filesystem::path& file, std::int64_t image_size);

}  // namespace dfpipe::detector
