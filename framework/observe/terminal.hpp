#pragma once

#include <mutex>
#include <string>

namespace dfpipe::observe {

/// What stderr can show.
struct TerminalTraits {
  bool interactive = false;  ///< a terminal that can redraw a line
  bool colour = false;       ///< and NO_COLOR is not set
  int width = 80;
};
TerminalTraits stderr_traits();

/// The first characters of a line, `columns` at most: a longer one would wrap and could not be wiped away.
std::string cut(const std::string& line, int columns);

/// Stderr, shared by log lines and the progress bar: a line is written above the bar, which is then drawn again.
class Terminal {
 public:
  static Terminal& instance();
  void line(const std::string& text);
  /// Replaces the bar; an empty text removes it. It may have several lines, each narrower than the terminal.
  void bar(const std::string& text);

 private:
  /// What wipes the bar away: the cursor stands behind its last line.
  std::string wipe() const;

  std::mutex mutex_;
  std::string bar_;
};

enum class Verbosity { quiet, normal, verbose };
/// Sends the log to the terminal, above the bar. Warnings and errors only when quiet; debug messages too when verbose.
void set_up_log(Verbosity verbosity);

}  // namespace dfpipe::observe
