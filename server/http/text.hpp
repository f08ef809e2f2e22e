#pragma once

#include <string>
#include <string_view>

namespace dfpipe::server {

/// ASCII comparison without regard to case, as for field names. (beast::iequals reads a byte behind the end.)
bool same_word(std::string_view a, std::string_view b) noexcept;

std::string lower_case(std::string_view text);  ///< ASCII alone, whatever the locale

/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text) noexcept;

/// Whether a comma-separated list, such as Connection's value, holds the word.
bool list_holds(std::string_view list, std::string_view word) noexcept;

/// Decodes %XX. False when an escape is malformed; `decoded` is then of no use.
bool percent_decode(std::string_view text, std::string& decoded);

}  // namespace dfpipe::server
