#pragma once

#include <string>
#include <string_view>

namespace dfpipe::files {

/// A file name, which is any bytes but '/' and NUL, as valid UTF-8: bytes that are not part of a well-formed UTF-8
/// sequence become "\xNN" (two lower-case hex digits), a backslash becomes "\\". All else stays as it is, so ordinary
/// names are not changed and two different names never give the same text.
std::string path_text(std::string_view bytes);

/// The way back. Throws std::invalid_argument where a backslash begins none of the two escapes, and for a NUL byte.
std::string path_bytes(std::string_view text);

/// Well-formed UTF-8 (RFC 3629) throughout.
bool is_utf8(std::string_view bytes);

}  // namespace dfpipe::files
