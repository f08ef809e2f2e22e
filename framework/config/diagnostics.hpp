#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dfpipe::config {

/// A place in a file as a person counts: line and column from 1; 0 when only the file is known.
/// For values from the command line `file` is "--set" and `line` 0.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  Place place;
  std::string message;
  std::string hint;         ///< "did you mean 'decode'?", may be empty
  std::string source_line;  ///< the text of the line around the place, for the caret
  int cut_before = 0;       ///< characters of the line that stand before it
};

/// Collects everything that is wrong, to be said at once.
class Diagnostics {
 public:
  void add(Diagnostic d) { all_.push_back(std::move(d)); }
  bool has_errors() const;
  /// Sorted by file, line, column; compiler style with caret lines and a count at the end.
  std::string text() const;
  const std::vector<Diagnostic>& all() const noexcept { return all_; }

 private:
  std::vector<Diagnostic> all_;
};

/// "1 error", "3 errors".
std::string counted(std::uint64_t n, const std::string& what);

/// The closest of `candidates` to `word` (Damerau-Levenshtein, at most a third of the length away), or "".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace dfpipe::config
