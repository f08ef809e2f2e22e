#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dfpipe::server {

/// A header's value with parameters: `form-data; name="image"; filename="a.png"`.
struct HeaderValue {
  std::string value;  ///< in lower case
  /// In their order, the names in lower case, the values without quotes and escapes. A name may stand twice.
  std::vector<std::pair<std::string, std::string>> parameters;

  std::size_t count(std::string_view name) const;
  /// The first of that name; empty when there is none.
  std::string_view parameter(std::string_view name) const;
};

/// Reads value and parameters (RFC 9110, 5.6). Nothing when they are malformed. In a quoted string a backslash escapes
/// a quote and a backslash; before anything else it stands for itself, because some clients send `C:\dir\a.png`.
std::optional<HeaderValue> parse_header_value(std::string_view text);

/// Characters of a token (RFC 9110, 5.6.2).
bool is_token(std::string_view text);

}  // namespace dfpipe::server
