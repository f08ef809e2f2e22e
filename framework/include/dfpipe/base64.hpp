#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace dfpipe {

/// RFC 4648, section 4, with padding, no line breaks.
std::string base64(std::span<const std::uint8_t> data);

}  // namespace dfpipe
