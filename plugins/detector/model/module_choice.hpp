#pragma once

#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace dfpipe::detector {

/// A regular expression over module names, in the part of the syntax that Python's `re` and std::regex read alike:
/// letters, digits, `_`, `-`, `.`, `\.`, `\d`, `\w`, character sets, groups, `|`, `^`, `$` and the quantifiers `* + ?
/// {m} {m,} {m,n}`. Throws ModelError that says what is not supported.
class ModulePattern {
 public:
  explicit ModulePattern(std::string text);

  const std::string& text() const noexcept { return text_; }
  /// Python's re.fullmatch.
  bool matches(const std::string& name) const { return std::regex_match(name, regex_); }

 private:
  std::string text_;
  std::regex regex_;
};

/// Which modules PEFT's `target_modules` and `exclude_modules` mean: those called by their whole name or by its end
/// ("q_proj", "self_attn.q_proj"), or those whose whole name a pattern matches.
struct ModuleChoice {
  std::vector<std::string> names;
  std::optional<ModulePattern> pattern;  ///< beside it there are no names

  bool empty() const { return names.empty() && !pattern; }
  bool has_whole(const std::string& module) const;
  bool matches(const std::string& module) const;
};

}  // namespace dfpipe::detector
