#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

/// Writing so that a killed process or a full disk leaves whole files only. What cannot be written is thrown as
/// dfpipe::Fatal with the path and the system's reason.
namespace dfpipe::files {

[[noreturn]] void fail_write(const std::filesystem::path& path, int why);

/// Makes the folder's entries (new names, renames) durable.
void sync_folder(const std::filesystem::path& folder);

enum class Durability : std::uint8_t { process, power };  ///< survives a kill; survives a power cut as well

/// A whole file at once: written as `part` first, then renamed into place.
///
/// NAME.part is for files that one writer makes: what a kill has left is overwritten by the next run. own_part() is for
/// files whose names may meet: of two writers at the same time one wins, and the file is whole.
void write_whole(const std::filesystem::path& path, std::span<const std::uint8_t> data, Durability durability);
void write_whole(const std::filesystem::path& path, std::span<const std::uint8_t> data, Durability durability,
                 std::filesystem::path part);
void write_whole(const std::filesystem::path& path, std::string_view text, Durability durability);

/// A name in the folder that no other writer uses, in this process or another.
std::filesystem::path own_part(const std::filesystem::path& folder);

/// The same for a file that is made piece by piece. Without finish() nothing is left.
class PartFile {
 public:
  explicit PartFile(const std::filesystem::path& path);
  PartFile(std::filesystem::path path, std::filesystem::path part);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile();

  void write(std::string_view text);
  void finish(Durability durability);

 private:
  void flush();

  std::filesystem::path path_;
  std::filesystem::path part_;
  std::string buffer_;
  int descriptor_ = -1;
};

/// Renames; a missing source is no error.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// A file that only grows.
class GrowingFile {
 public:
  enum class Start : std::uint8_t { empty, append };
  GrowingFile(std::filesystem::path path, Start start);
  /// Goes on after the first `size` bytes; what follows them is cut off. Throws Fatal when the file is shorter.
  GrowingFile(std::filesystem::path path, std::uint64_t size);
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;
  ~GrowingFile();

  /// Hands the bytes to the system in one write. When that fails half way the part is cut off again.
  void append(std::string_view data);
  void sync();
  /// The file goes by another name from now on.
  void rename(const std::filesystem::path& to);
  std::uint64_t size() const noexcept { return size_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The same by whole lines.
class LineFile : public GrowingFile {
 public:
  using GrowingFile::GrowingFile;
  /// The line and its newline.
  void append(const std::string& line);
};

/// Keeps a folder for one process: the lock ends with the object or the process, however it ends.
class FolderLock {
 public:
  /// Throws std::runtime_error when another run holds it.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

}  // namespace dfpipe::files
