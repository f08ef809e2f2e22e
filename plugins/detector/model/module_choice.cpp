#include "module_choice.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::size_t max_length = 500;
constexpr const char* quantifiers = "*+?{";

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

/// Reads a pattern once and refuses what lies outside the common, harmless part of the two syntaxes.
class PatternCheck {
 public:
  explicit PatternCheck(std::string_view text) : text_(text) {}

  void run() {
    if (text_.empty() || text_.size() > max_length)
      refuse("it must have 1 to " + std::to_string(max_length) + " bytes");
    while (at_ < text_.size()) step();
    if (counts_.size() > 1) refuse("a group is not closed");
  }

 private:
  void step() {
    const char c = text_[at_++];
    if (is_word(c) || c == '.') return quantifier(false);
    if (c == '\\') {
      if (at_ == text_.size() || std::string_view(".dw").find(text_[at_]) == std::string_view::npos)
        refuse("of the escapes only \\. \\d and \\w are known");
      ++at_;
      quantifier(false);
    } else if (c == '[') {
      set();
      quantifier(false);
    } else if (c == '(') {
      if (text_.substr(at_).starts_with("?:")) at_ += 2;
      if (at_ < text_.size() && text_[at_] == '?') refuse("of the groups with (? only (?: is known");
      counts_.push_back(false);
    } else if (c == ')') {
      if (counts_.size() == 1) refuse("a group is closed that was not opened");
      const bool counted = counts_.back();
      counts_.pop_back();
      counts_.back() = counts_.back() || counted;
      quantifier(counted);
    } else if (c != '|' && c != '^' && c != '$') {
      refuse("the character " + in_quotes(std::string_view(&c, 1)) + " has no meaning here");
    }
  }

  void set() {
    if (at_ < text_.size() && text_[at_] == '^') ++at_;
    const std::size_t end = text_.find(']', at_);
    if (end == std::string_view::npos || end == at_) refuse("a character set is empty or not closed");
    for (const char c : text_.substr(at_, end - at_))
      if (!is_word(c) && c != '.') refuse("a character set holds more than letters, digits, _ - and .");
    at_ = end + 1;
  }

  /// The quantifier after what has just been read, if there is one. Counted repetition is built by copying, so counts
  /// in counted groups would multiply.
  void quantifier(bool holds_count) {
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (std::string_view(quantifiers).find(c) == std::string_view::npos) return;
    ++at_;
    if (c == '{') {
      count();
      if (holds_count) refuse("a group with a count is counted itself");
      counts_.back() = true;
    }
    if (at_ < text_.size() && std::string_view(quantifiers).find(text_[at_]) != std::string_view::npos)
      refuse("a quantifier follows another");
  }

  void count() {
    const std::size_t end = text_.find('}', at_);
    const std::string_view inside = end == std::string_view::npos ? "" : text_.substr(at_, end - at_);
    const std::size_t comma = std::min(inside.find(','), inside.size());
    const std::string_view low = inside.substr(0, comma);
    const std::string_view high = comma + 1 < inside.size() ? inside.substr(comma + 1) : low;
    for (const std::string_view number : {low, high})
      if (number.empty() || number.size() > 2 || number.find_first_not_of("0123456789") != std::string_view::npos)
        refuse("a count must be {m}, {m,} or {m,n} with at most two digits each");
    at_ = end + 1;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw ModelError("the regular expression " + in_quotes(text_) + " is not supported: " + why);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<bool> counts_{false};  // for the whole and every open group: does it hold a count?
};

std::regex compiled(const std::string& text) {
  PatternCheck(text).run();
  try {
    auto syntax = std::regex::ECMAScript | std::regex::nosubs;
#ifdef __GLIBCXX__
    syntax |= std::regex_constants::__polynomial;  // backtracking would take exponential time on some patterns
#endif
    return std::regex(text, syntax);
  } catch (const std::regex_error& e) {
    throw ModelError("the regular expression " + in_quotes(text) + " is not valid: " + e.what());
  }
}

}  // namespace

ModulePattern::ModulePattern(std::string text) : text_(std::move(text)), regex_(compiled(text_)) {}

bool ModuleChoice::has_whole(const std::string& module) const {
  return std::ranges::find(names, module) != names.end();
}

bool ModuleChoice::matches(const std::string& module) const {
  if (pattern) return pattern->matches(module);
  return has_whole(module) ||
         std::ranges::any_of(names, [&](const std::string& name) { return module.ends_with("." + name); });
}

}  // namespace dfpipe::detector
