#pragma once

#include <string>
#include <string_view>

/// Text of unknown origin, made fit for a terminal.
namespace dfpipe::config {

/// Control characters, which a terminal might obey, become '?'; tabs and line ends stay.
std::string showable(std::string_view text);
/// The same in one line of readable length: line ends and tabs become blanks.
std::string one_line(std::string_view text);

}  // namespace dfpipe::config
