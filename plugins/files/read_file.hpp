#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

namespace dfpipe::files {

/// Reads a regular file whole. Never waits for a FIFO's writer and never opens a device. Throws Error with the code
///   not_found   nothing is there, or a link that leads nowhere
///   not_a_file  a folder, FIFO, socket or device
///   unreadable  no permission, a loop of links, a read error
///   too_large   more than `max_bytes`, refused before it is read
///   truncated   it became shorter while it was read
/// Gives nothing when a stop is requested meanwhile.
std::optional<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::uint64_t max_bytes,
                                                   const std::stop_token& stop);

/// The part of read_file after opening: `size` bytes from the descriptor.
std::optional<std::vector<std::uint8_t>> read_exactly(int descriptor, std::uint64_t size, const std::stop_token& stop);

}  // namespace dfpipe::files
