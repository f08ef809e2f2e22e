#include "path_text.hpp"

#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace dfpipe::files {
namespace {

/// Length of the well-formed sequence at the start (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF), or 0.
std::size_t utf8_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const unsigned lead = at(0), second = at(1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0 && second < 0xA0) return 0;
    if (lead == 0xED && second > 0x9F) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0 && second < 0x90) return 0;
    if (lead == 0xF4 && second > 0x8F) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string path_text(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) {
      const auto byte = static_cast<std::uint8_t>(bytes.front());
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else if (bytes.front() == '\\') {
      out += "\\\\";
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string path_bytes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text.substr(i + 1, 1) == "\\") {
      out += '\\';
      ++i;
    } else {
      unsigned byte = 0;
      const char* digits = text.data() + i + 2;
      if (text.substr(i + 1, 1) != "x" || i + 4 > text.size() ||
          std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
        throw std::invalid_argument("\"" + std::string(text) + "\": a backslash must be followed by \\ or xNN");
      out += static_cast<char>(byte);
      i += 3;
    }
  }
  if (out.find('\0') != std::string::npos)
    throw std::invalid_argument("\"" + std::string(text.substr(0, text.find('\0'))) +
                                "\": no file name has a NUL byte");
  return out;
}

}  // namespace dfpipe::files
