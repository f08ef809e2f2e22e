#include "glob.hpp"

#include <algorithm>
#include <cstdint>

namespace dfpipe::files {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) out.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

struct Step {
  bool matched = false;
  std::size_t pattern = 0;  ///< bytes of the pattern used
  std::size_t name = 0;     ///< bytes of the name used
};

std::size_t character_length(std::string_view name) {
  std::size_t length = 1;
  if (static_cast<std::uint8_t>(name[0]) >= 0xC0)
    while (length < name.size() && (static_cast<std::uint8_t>(name[length]) & 0xC0) == 0x80) ++length;
  return length;
}

/// `[…]` at the start of the pattern; an unclosed bracket is a plain character.
Step match_set(std::string_view pattern, std::string_view name) {
  const auto byte = static_cast<std::uint8_t>(name[0]);
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool found = false;
  for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
    const auto low = static_cast<std::uint8_t>(pattern[at]);
    auto high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      high = static_cast<std::uint8_t>(pattern[at + 2]);
      at += 2;
    }
    found = found || (low <= byte && byte <= high);
    ++at;
  }
  if (at >= pattern.size()) return {name[0] == '[', 1, 1};
  return {found != negated, at + 1, 1};
}

/// One unit of the pattern that is not `*` against the start of the name.
Step match_one(std::string_view pattern, std::string_view name) {
  switch (pattern[0]) {
    case '?':
      return {true, 1, character_length(name)};
    case '[':
      return match_set(pattern, name);
    case '\\':
      if (pattern.size() > 1) return {pattern[1] == name[0], 2, 1};
      break;
    default:
      break;
  }
  return {pattern[0] == name[0], 1, 1};
}

/// The usual way without recursion: after a mismatch the last star takes one more byte. Linear in pattern x name.
bool component_matches(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
      continue;
    }
    const Step step = p < pattern.size() ? match_one(pattern.substr(p), name.substr(n)) : Step{};
    if (step.matched) {
      p += step.pattern;
      n += step.name;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool has_wildcard(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

Glob::Glob(std::string_view pattern) : components_(split(pattern)) {}

bool Glob::matches(std::string_view relative_path) const {
  const std::vector<std::string> names = split(relative_path);
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < names.size()) {
    if (p < components_.size() && components_[p] == "**") {
      star = p++;
      resume = n;
    } else if (p < components_.size() && component_matches(components_[p], names[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos && (!names[resume].starts_with('.') || wants_hidden())) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return std::all_of(components_.begin() + static_cast<std::ptrdiff_t>(p), components_.end(),
                     [](const std::string& c) { return c == "**"; });
}

std::optional<std::size_t> Glob::depth() const {
  if (std::ranges::find(components_, "**") != components_.end()) return std::nullopt;
  return components_.size();
}

bool Glob::wants_hidden() const {
  return std::ranges::any_of(components_, [](const std::string& c) { return c.starts_with('.'); });
}

}  // namespace dfpipe::files
