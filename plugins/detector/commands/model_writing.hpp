#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "detector_model.hpp"
#include "dfpipe/command.hpp"
#include "staged_folder.hpp"

namespace dfpipe::detector {

/// The parameters of every command that writes a model.
struct WritingParams : ParamSet {
  const std::filesystem::path& to =
      path("to", {}, {.about = "the folder to write; it appears when all is there", .required = true, .output = true});
  const std::filesystem::path& base =
      path("base", {}, {.about = "the CLIP folder below adapters, instead of the one that adapter_config.json names"});
  const std::string& precision =
      choice("precision", "fp32", {.about = "of CLIP's written weights", .choices = {"fp32", "bf16", "fp16"}});
  const bool& force = boolean("force", false, {.about = "replace a model that is there already"});

  Overwrite overwrite() const { return force ? Overwrite::replace : Overwrite::refuse; }
  at::ScalarType dtype() const;
};

enum class HeadsFormat : std::uint8_t { safetensors, original };

/// Writes `clip_vision/`, the heads and `preprocessor_config.json` (a copy of `profile`; empty: CLIP's published one)
/// into `params.to`, as a whole or not at all, and prints what it is. Throws ModelError, and Error when it is stopped.
void write_model(const ClipVision& clip, const Heads& heads, const std::filesystem::path& profile,
                 const WritingParams& params, HeadsFormat format, Console& console);

/// The same for a CLIP alone: `config.json`, `model.safetensors` and the profile.
void write_clip(const ClipVision& clip, const std::filesystem::path& profile, const WritingParams& params,
                Console& console);

/// "303,179,776"
std::string count_text(std::int64_t count);

}  // namespace dfpipe::detector
