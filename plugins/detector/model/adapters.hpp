#pragma once

#include <filesystem>

#include "clip_vision.hpp"

namespace dfpipe::detector {

/// Puts the adapters of a PEFT folder (`adapter_config.json`, `adapter_model.safetensors`; LoRA and DoRA, any rank,
/// alpha, rslora and target modules among q_proj, k_proj, v_proj, out_proj, fc1, fc2) beside the model's weights.
/// Unknown keys of the config are passed over; settings that change the mathematics and are not known here are refused,
/// and so is an adapter made for another base. Throws ModelError; the model is then unchanged.
void load_adapters(ClipVision& model, const std::filesystem::path& folder);

}  // namespace dfpipe::detector
