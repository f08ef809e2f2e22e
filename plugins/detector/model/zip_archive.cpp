#include "zip_archive.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::size_t end_size = 22, locator_size = 20, end64_size = 56, entry_size = 46, local_size = 30;
constexpr std::uint32_t end_mark = 0x06054b50, locator_mark = 0x07064b50, end64_mark = 0x06064b50;
constexpr std::uint32_t entry_mark = 0x02014b50, local_mark = 0x04034b50;
constexpr std::uint64_t in_zip64 = 0xffffffff;  // "see the zip64 record", in a field of 32 bits
constexpr std::uint64_t sizes_follow = 0x8;     // flag: the local header has no sizes, a descriptor after the data has
constexpr std::uint64_t utf8_names = 0x800;

constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ (c % 2 == 1 ? 0xedb88320u : 0u);
    table[i] = c;
  }
  return table;
}();

std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::byte b : bytes) crc = (crc >> 8) ^ crc_table[(crc ^ static_cast<std::uint32_t>(b)) & 0xff];
  return ~crc;
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {
  read_directory(find_directory());
}

void ZipArchive::fail(const std::string& what) const { throw ModelError(where_ + ": " + what); }

/// Little endian; the caller has checked that the bytes are there.
std::uint64_t ZipArchive::number(std::size_t at, std::size_t width) const {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes_.data() + at, width);
  return value;
}

ZipArchive::Directory ZipArchive::find_directory() const {
  if (bytes_.size() < end_size || number(bytes_.size() - end_size, 4) != end_mark)
    fail("is no zip archive, or is cut: it does not end with a zip directory");
  const std::size_t end = bytes_.size() - end_size;
  if (number(end + 4, 4) != 0 || number(end + 20, 2) != 0) fail("is a zip archive in several parts or with a comment");
  Directory directory{number(end + 10, 2), number(end + 12, 4), number(end + 16, 4)};
  if (number(end + 8, 2) != directory.count) fail("is a zip archive in several parts");
  std::size_t directory_end = end;
  if (end >= locator_size + end64_size && number(end - locator_size, 4) == locator_mark) {
    directory = find_directory64(end - locator_size, directory);
    directory_end = end - locator_size - end64_size;
  }
  if (directory.begin > directory_end || directory.size != directory_end - directory.begin)
    fail("the zip directory is said to be " + std::to_string(directory.size) + " bytes at byte " +
         std::to_string(directory.begin) + ", where it cannot be; is the file cut?");
  if (directory.count > directory.size / entry_size)
    fail("the zip directory is too short for its " + std::to_string(directory.count) + " entries");
  return directory;
}

ZipArchive::Directory ZipArchive::find_directory64(std::size_t locator, const Directory& plain) const {
  const std::size_t end64 = locator - end64_size;
  if (number(locator + 8, 8) != end64 || number(end64, 4) != end64_mark || number(end64 + 4, 8) != end64_size - 12 ||
      number(end64 + 16, 8) != 0 || number(locator + 4, 4) != 0 || number(locator + 16, 4) != 1)
    fail("its zip64 end record is not where it should be");
  const Directory directory{number(end64 + 32, 8), number(end64 + 40, 8), number(end64 + 48, 8)};
  const auto agree = [](std::uint64_t narrow, std::uint64_t wide, std::uint64_t full) {
    return narrow == wide || narrow == full;
  };
  if (number(end64 + 24, 8) != directory.count || !agree(plain.count, directory.count, 0xffff) ||
      !agree(plain.size, directory.size, in_zip64) || !agree(plain.begin, directory.begin, in_zip64))
    fail("its two zip end records contradict each other");
  return directory;
}

void ZipArchive::read_directory(const Directory& directory) {
  const std::size_t end = directory.begin + directory.size;
  std::size_t at = directory.begin;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;  // local header to end of data
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    const auto need = [&](std::size_t size) {
      if (size > end - at) fail("the zip directory is cut in entry " + std::to_string(i + 1));
    };
    need(entry_size);
    if (number(at, 4) != entry_mark) fail("entry " + std::to_string(i + 1) + " of the zip directory has no signature");
    const std::uint64_t name_size = number(at + 28, 2), extra_size = number(at + 30, 2);
    need(entry_size + name_size + extra_size + number(at + 32, 2));
    const std::string name(reinterpret_cast<const char*>(bytes_.data()) + at + entry_size, name_size);
    const std::string entry = "zip entry " + in_quotes(name);
    if ((number(at + 8, 2) & ~(sizes_follow | utf8_names)) != 0) fail(entry + " is encrypted or has unknown flags");
    if (number(at + 10, 2) != 0) fail(entry + " is compressed; only stored files are read");
    const auto crc = static_cast<std::uint32_t>(number(at + 16, 4));
    std::uint64_t packed = number(at + 20, 4), size = number(at + 24, 4), header = number(at + 42, 4);

    std::size_t field = at + entry_size + name_size;
    const std::size_t fields_end = field + extra_size;
    while (fields_end - field >= 4) {
      const std::uint64_t id = number(field, 2), length = number(field + 2, 2);
      if (length > fields_end - field - 4) fail(entry + " has an extra field that is cut");
      std::size_t value = field + 4;
      field = value + length;
      if (id != 1) continue;
      for (std::uint64_t* const narrow : {&size, &packed, &header}) {
        if (*narrow != in_zip64) continue;
        if (field - value < 8) fail(entry + " has a zip64 field that is too short");
        *narrow = number(value, 8);
        value += 8;
      }
    }
    if (packed != size) fail(entry + " is stored, but its two sizes differ");
    const ZipEntry data = locate_data(name, header, size, crc, directory.begin);
    places.emplace_back(header, data.end);
    if (!entries_.emplace(name, data).second) fail(entry + " stands there twice");
    at += entry_size + name_size + extra_size + number(at + 32, 2);
  }
  if (at != end) fail("bytes after the last entry of the zip directory belong to none");
  std::ranges::sort(places);
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i].first < places[i - 1].second)
      fail("the data of two zip entries overlap at byte " + std::to_string(places[i].first));
}

ZipEntry ZipArchive::locate_data(const std::string& name, std::uint64_t header, std::uint64_t size, std::uint32_t crc,
                                 std::uint64_t limit) const {
  const std::string entry = "zip entry " + in_quotes(name);
  if (header > limit || limit - header < local_size || number(header, 4) != local_mark)
    fail(entry + " has no header at byte " + std::to_string(header));
  const std::uint64_t name_size = number(header + 26, 2);
  const std::uint64_t before = local_size + name_size + number(header + 28, 2);
  if (limit - header < before || size > limit - header - before)
    fail(entry + " reaches beyond the archive's data; is the file cut?");
  if (std::string_view(reinterpret_cast<const char*>(bytes_.data()) + header + local_size, name_size) != name)
    fail(entry + " has another name in its own header");
  if (number(header + 8, 2) != 0) fail(entry + " is compressed according to its own header");
  const bool sizes_here = (number(header + 6, 2) & sizes_follow) == 0;
  const std::uint64_t local_crc = number(header + 14, 4), local_size_field = number(header + 22, 4);
  if (sizes_here && ((local_size_field != size && local_size_field != in_zip64) || local_crc != crc))
    fail(entry + " has another size or checksum in its own header");
  return {header + before, header + before + size, crc};
}

std::span<const std::byte> ZipArchive::read(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail("has no zip entry " + in_quotes(name));
  const ZipEntry& e = found->second;
  const auto data = bytes_.subspan(e.begin, e.end - e.begin);
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION  // a fuzzer would have to guess the checksum of all that it changes
  if (crc32(data) != e.crc) fail("zip entry " + in_quotes(name) + " is damaged: its checksum is wrong");
#endif
  return data;
}

}  // namespace dfpipe::detector
