#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace dfpipe::detector {

/// A new file beside `file`, removed again unless `publish` is reached, so that readers see all or nothing. Every
/// error is a ModelError that names `file`.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& file);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(const void* data, std::size_t size);
  /// Synced to the disk, and so is the folder's entry: after a power cut the name has the old file or the new one.
  void publish();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path file_;
  std::string name_;
  int fd_ = -1;
  bool published_ = false;
};

}  // namespace dfpipe::detector
