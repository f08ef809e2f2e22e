#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace dfpipe::models {

/// What a part is a part of: without it nobody could know whether the rest at the same address belongs to it.
struct PartOrigin {
  std::string url;
  std::string validator;  ///< a strong ETag, else a Last-Modified date, else ""

  bool operator==(const PartOrigin&) const = default;
};

/// A download that is not finished: NAME.part, with its origin in NAME.part.json. Both stay when the process ends,
/// however it ends. What cannot be read or written is thrown as dfpipe::Fatal with the path and the system's reason.
class Part {
 public:
  /// Goes on with what an earlier process has left.
  explicit Part(std::filesystem::path target);
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part();

  std::uint64_t size() const noexcept { return size_; }
  const PartOrigin& origin() const noexcept { return origin_; }
  const std::filesystem::path& path() const noexcept { return part_; }

  /// Forgets all bytes; those that follow come from `origin`.
  void restart(PartOrigin origin);
  void append(std::string_view bytes);
  /// Writes everything to the disk, renames the part into place and removes its origin.
  void finish();
  /// Leaves nothing.
  void remove();

 private:
  std::filesystem::path target_, part_, notes_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  PartOrigin origin_;
};

}  // namespace dfpipe::models
