#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "adapter_config.hpp"
#include "clip_vision.hpp"

namespace dfpipe::detector {

/// Puts the adapters of a PEFT folder (`adapter_config.json`, `adapter_model.safetensors`; LoRA and DoRA on q_proj,
/// k_proj, v_proj, out_proj, fc1 and fc2) beside the model's weights and gives their settings. The file must hold the
/// adapters of all modules that the settings select, and no others. Throws ModelError; the model is then unchanged.
AdapterConfig load_adapters(ClipVision& model, const std::filesystem::path& folder);

/// Puts new adapters beside the projections that `config` selects, replacing others, as PEFT starts them: A uniform
/// between ±1/sqrt(in) (Kaiming, a = sqrt 5), B zero, the magnitude the norm of the weight's rows, so that the model's
/// output stays what it was. A's numbers depend on `seed` and the module's name alone. Throws ModelError when nothing
/// is selected.
void add_adapters(ClipVision& model, const AdapterConfig& config, std::uint64_t seed);

/// Writes a folder that load_adapters and PEFT read, each file all at once; `config` must be what the model's adapters
/// were made with. Throws ModelError.
void save_adapters(ClipVision& model, const AdapterConfig& config, const std::filesystem::path& folder);

/// The adapters' tensors themselves, by their names in PEFT's files.
std::map<std::string, at::Tensor> adapter_parameters(ClipVision& model);

}  // namespace dfpipe::detector
