#pragma once

#include <cstddef>
#include <string_view>

namespace dfpipe::config {

/// Length of the UTF-8 sequence at the start of `text`, 0 when it is not one (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace dfpipe::config
