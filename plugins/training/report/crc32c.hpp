#pragma once

#include <cstdint>
#include <string_view>

namespace dfpipe::training {

/// CRC-32C (Castagnoli), as in RFC 3720, appendix B.4: reflected polynomial 0x82F63B78, start and end inverted.
/// zlib has the other polynomial only.
std::uint32_t crc32c(std::string_view data);

}  // namespace dfpipe::training
