#pragma once

#include <string>
#include <vector>

#include "model_layout.hpp"

namespace dfpipe::detector {

/// What tells two models apart: SHA-256 over role, size and bytes of every file, in the given order. Throws ModelError
/// when one cannot be read.
std::string model_digest(const std::vector<ModelFile>& files);

/// SHA-256 of one file, as sha256sum prints it.
std::string file_digest(const std::filesystem::path& file);

}  // namespace dfpipe::detector
