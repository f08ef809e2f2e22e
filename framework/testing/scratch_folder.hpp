#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dfpipe::testing {

/// A folder of its own for one test, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// Writes a file, makes the folders above it, and returns its path.
  std::filesystem::path write(const std::string& name, const std::string& content = "x") const;
  std::string read(const std::string& name) const;
  std::vector<std::string> lines(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

/// A file's bytes; empty when it cannot be read.
std::string read_text(const std::filesystem::path& file);
std::vector<std::string> read_lines(const std::filesystem::path& file);

}  // namespace dfpipe::testing
