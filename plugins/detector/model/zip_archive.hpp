#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace dfpipe::detector {

/// Where an entry's bytes lie in the archive.
struct ZipEntry {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint32_t crc = 0;
};

/// A zip archive as PyTorch and MediaPipe write it (APPNOTE.TXT of PKWARE, 4.3): stored entries only, no encryption, no
/// comment, one volume; zip64 records are understood. Opening reads the end record, the directory and every local
/// header, and refuses names that stand twice, sizes or offsets that do not fit the archive or each other, and data
/// that overlap. Every error is a ModelError that begins with `where`.
class ZipArchive {
 public:
  /// `bytes` must outlive the archive.
  ZipArchive(std::span<const std::byte> bytes, std::string where);

  /// By full name, "archive/data.pkl".
  const std::map<std::string, ZipEntry>& entries() const noexcept { return entries_; }
  /// An entry's bytes, once their checksum is found right.
  std::span<const std::byte> read(const std::string& name) const;

 private:
  struct Directory {
    std::uint64_t count, size, begin;
  };
  Directory find_directory() const;
  Directory find_directory64(std::size_t locator, const Directory& plain) const;
  void read_directory(const Directory& directory);
  ZipEntry locate_data(const std::string& name, std::uint64_t header, std::uint64_t size, std::uint32_t crc,
                       std::uint64_t limit) const;
  std::uint64_t number(std::size_t at, std::size_t width) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::span<const std::byte> bytes_;
  std::string where_;
  std::map<std::string, ZipEntry> entries_;
};

}  // namespace dfpipe::detector
