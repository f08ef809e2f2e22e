#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dfpipe::files {

/// True when the path holds one of * ? [ and so may be a pattern.
bool has_wildcard(std::string_view path);

/// A pattern of path components: `*` any characters, `?` one character, `[a-z]` `[!a-z]` one byte of a set, `**` as a
/// whole component any number of folders, none included; `\` takes the next character literally. A leading dot is
/// matched only by a dot.
class Glob {
 public:
  explicit Glob(std::string_view pattern);

  bool matches(std::string_view relative_path) const;
  /// Most components a match can have; nothing when `**` is in the pattern.
  std::optional<std::size_t> depth() const;
  /// True when some component asks for names with a leading dot.
  bool wants_hidden() const;

 private:
  std::vector<std::string> components_;
};

}  // namespace dfpipe::files
