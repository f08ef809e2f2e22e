#pragma once

#include <string>
#include <string_view>

namespace dfpipe::server {

/// Text from a client as valid UTF-8: what is not well-formed becomes U+FFFD. Cut at the end of a character, so that at
/// most `max_bytes` are left.
std::string valid_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace dfpipe::server
