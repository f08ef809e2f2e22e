#include "http/header_value.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace dfpipe::server {
namespace {

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

void skip_spaces(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); }

std::string_view take_token(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_token_char);
  const std::string_view token = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(token.size());
  return token;
}

/// `text` begins with the opening quote.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escape) ++i;
    out += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> take_parameter_value(std::string_view& text) {
  if (text.starts_with('"')) return take_quoted(text);
  const std::string_view token = take_token(text);
  if (token.empty()) return std::nullopt;
  return std::string(token);
}

}  // namespace

std::size_t HeaderValue::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(parameters.begin(), parameters.end(), [&](const auto& one) { return one.first == name; }));
}

std::string_view HeaderValue::parameter(std::string_view name) const {
  for (const auto& [key, what] : parameters)
    if (key == name) return what;
  return {};
}

std::optional<HeaderValue> parse_header_value(std::string_view text) {
  const std::size_t end = std::min(text.find(';'), text.size());
  HeaderValue parsed{.value = lower_case(trimmed(text.substr(0, end))), .parameters = {}};
  if (parsed.value.empty()) return std::nullopt;
  text.remove_prefix(end);
  while (!text.empty()) {
    if (text[0] != ';') return std::nullopt;
    text.remove_prefix(1);
    skip_spaces(text);
    if (text.empty() || text[0] == ';') continue;
    const std::string_view name = take_token(text);
    if (name.empty() || !text.starts_with('=')) return std::nullopt;
    text.remove_prefix(1);
    auto value = take_parameter_value(text);
    if (!value) return std::nullopt;
    parsed.parameters.emplace_back(lower_case(name), std::move(*value));
    skip_spaces(text);
  }
  return parsed;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

}  // namespace dfpipe::server
