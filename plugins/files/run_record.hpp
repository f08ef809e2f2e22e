#pragma once

#include <filesystem>

#include "dfpipe/node.hpp"

namespace dfpipe::files {

/// The small file beside a resumable result: the hash of configuration and model, the configuration itself, and the
/// source's state. `format` is
/// the number of the result's own layout.
void write_run_record(const std::filesystem::path& file, int format, const Checkpoint& checkpoint);

/// The hash and the source's state. Throws std::runtime_error when the file is damaged or of another format.
Checkpoint read_run_record(const std::filesystem::path& file, int format);

}  // namespace dfpipe::files
