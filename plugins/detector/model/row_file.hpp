#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace dfpipe::detector {

/// A file without a name that takes pieces one after the other and is read once, in the end: whatever ends the process
/// leaves nothing behind. Every error is a ModelError that names the folder and what the file holds.
class RowFile {
 public:
  /// `folder`: whose disk holds the file. `what`: for messages.
  RowFile(const std::filesystem::path& folder, std::string what);
  ~RowFile();
  RowFile(RowFile&& other) noexcept;
  RowFile& operator=(RowFile&&) = delete;

  void append(const void* data, std::size_t size);
  /// Hands all that was appended to `take`, in pieces.
  void read(const std::function<void(std::span<const char>)>& take);

 private:
  void flush();
  [[noreturn]] void fail(const char* how) const;

  std::filesystem::path folder_;
  std::string what_;
  std::string buffer_;
  int fd_ = -1;
};

}  // namespace dfpipe::detector
