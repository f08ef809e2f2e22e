#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace dfpipe::detector {

/// A file mapped for reading, for as long as the object lives. Throws ModelError when it cannot be opened.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  /// The pages that lie wholly in [begin, end) are read: their memory may go back. They stay readable.
  void forget(std::size_t begin, std::size_t end) const noexcept;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace dfpipe::detector
