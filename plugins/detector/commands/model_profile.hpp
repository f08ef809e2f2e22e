#pragma once

#include <filesystem>
#include <string>

#include "clip_config.hpp"

namespace dfpipe::detector {

/// "bicubic, shorter side 224, centre 224x224, times 0.00392, mean 0.481 0.458 0.408, deviation 0.269 …"
/// Throws ModelError when the file cannot be read.
std::string profile_text(const std::filesystem::path& profile);

/// Throws ModelError when the profile cannot be read or makes pictures of another size than the model takes.
void require_fit(const std::filesystem::path& profile, const ClipConfig& config);

}  // namespace dfpipe::detector
