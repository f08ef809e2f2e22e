#pragma once

#include <filesystem>

namespace dfpipe::models {

/// Writes a new key and a certificate of itself for 127.0.0.1, good for a day, into one PEM file.
void write_certificate(const std::filesystem::path& file);

}  // namespace dfpipe::models
