#include "config/showable.hpp"

#include <algorithm>

namespace dfpipe::config {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string showable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const bool second_control_block = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
    const bool first = byte < 0x20 && byte != '\n' && byte != '\t';
    out += first || byte == 0x7F || second_control_block ? '?' : text[i];
    if (second_control_block) ++i;
  }
  return out;
}

std::string one_line(std::string_view text) {
  constexpr std::size_t longest = 600;
  std::string out = showable(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
  std::ranges::replace_if(
      out, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  if (out.size() <= longest) return out;
  std::size_t end = longest;
  while (end < out.size() && continues_character(out[end])) ++end;
  return end < out.size() ? out.substr(0, end) + "…" : out;
}

}  // namespace dfpipe::config
