#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.hpp"

namespace dfpipe::config {

/// One text that values come from: a file, or one `--set` of the command line.
struct Source {
  std::string shown;               ///< as messages name it; "--set" for the command line
  std::filesystem::path folder;    ///< what `part:` and `include:` resolve against
  std::filesystem::path root;      ///< what relative paths resolve against; "" is the working directory
  std::vector<std::string> lines;  ///< for carets, without line ends
  bool from_command_line = false;
};
using SourcePtr = std::shared_ptr<const Source>;

/// A position in a source: byte line and column from 1, 0 when only the source is known.
struct Origin {
  SourcePtr source;
  int line = 0;
  int column = 0;

  Place place() const;
  const std::string& source_line() const;
  /// "pipelines/predict.yaml:12", or "--set".
  std::string text() const;
};

/// Collects diagnostics with their source lines; the same sentence about the same place is said once.
class Reporter {
 public:
  explicit Reporter(Diagnostics& all) : all_(all) {}
  void error(const Origin& at, std::string message, std::string hint = {});
  void warning(const Origin& at, std::string message, std::string hint = {});
  bool has_errors() const { return all_.has_errors(); }
  /// So much is wrong that more would not be read: what follows is dropped.
  bool full() const { return all_.all().size() >= most; }

 private:
  static constexpr std::size_t most = 500;
  void add(Diagnostic::Severity severity, const Origin& at, std::string message, std::string hint);
  Diagnostics& all_;
};

/// "did you mean 'decode'?", or "".
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates);
/// The same, else all there are behind `intro` ("it has: a, b"), else `none`.
std::string suggestion_or_list(const std::string& word, const std::vector<std::string>& candidates,
                               const std::string& intro, const std::string& none);

/// The text of a pipeline file: at most 1 MiB of UTF-8 without control characters. Line ends become "\n" and a byte
/// order mark is dropped. Reports what is wrong at `asked_at`, or in the file itself, and then returns nothing.
struct FileText {
  SourcePtr source;
  std::string text;
};
std::optional<FileText> read_file(const std::filesystem::path& file, const Origin& asked_at, Reporter& report);

/// The source of one `--set` argument.
SourcePtr command_line_source(const std::string& argument);

}  // namespace dfpipe::config
