#include "flatbuffer.hpp"

#include <string>

namespace dfpipe::tflite {

Table Table::root(std::span<const std::byte> file) {
  if (file.size() < sizeof(std::uint32_t)) throw FormatError("is too short to be a flatbuffer");
  std::uint32_t at = 0;
  std::memcpy(&at, file.data(), sizeof at);
  return {file, at};
}

Table::Table(std::span<const std::byte> file, std::size_t at) : file_(file), at_(at) {
  const std::int64_t directory = static_cast<std::int64_t>(at) - read<std::int32_t>(at);
  if (directory < 0) out_of_file(at);
  directory_ = static_cast<std::size_t>(directory);
  directory_size_ = read<std::uint16_t>(directory_);
  size_ = read<std::uint16_t>(directory_ + 2);
  if (directory_size_ < 4 || directory_size_ % 2 != 0 || directory_size_ > file_.size() - directory_ ||
      size_ > file_.size() - at_)
    throw FormatError("the flatbuffer table at byte " + std::to_string(at) + " has no sound directory of its fields");
}

void Table::out_of_file(std::size_t at) {
  throw FormatError("a reference at or to byte " + std::to_string(at) + " leaves the flatbuffer; is it cut?");
}

std::optional<std::size_t> Table::find(int field, std::size_t size) const {
  const std::size_t entry = 4 + 2 * static_cast<std::size_t>(field);
  if (entry >= directory_size_) return std::nullopt;
  const auto offset = read<std::uint16_t>(directory_ + entry);
  if (offset == 0) return std::nullopt;
  if (offset + size > size_)
    throw FormatError("field " + std::to_string(field) + " of the flatbuffer table at byte " + std::to_string(at_) +
                      " lies outside its table");
  return at_ + offset;
}

std::size_t Table::follow(std::size_t at) const { return at + read<std::uint32_t>(at); }

std::optional<Table> Table::table(int field) const {
  const auto at = find(field, sizeof(std::uint32_t));
  if (!at) return std::nullopt;
  return Table(file_, follow(*at));
}

Table::Vector Table::vector(int field, std::size_t element, std::size_t most) const {
  const auto at = find(field, sizeof(std::uint32_t));
  if (!at) return {};
  const std::size_t begin = follow(*at);
  const std::size_t count = read<std::uint32_t>(begin);
  const std::size_t first = begin + sizeof(std::uint32_t);
  if (count > (file_.size() - first) / element) out_of_file(begin);
  if (count > most)
    throw FormatError("a list of " + std::to_string(count) + " entries at byte " + std::to_string(begin) +
                      " is longer than expected (" + std::to_string(most) + ")");
  return {first, count};
}

std::vector<Table> Table::tables(int field, std::size_t most) const {
  const Vector found = vector(field, sizeof(std::uint32_t), most);
  std::vector<Table> all;
  all.reserve(found.count);
  for (std::size_t i = 0; i < found.count; ++i)
    all.push_back(Table(file_, follow(found.begin + i * sizeof(std::uint32_t))));
  return all;
}

std::vector<std::int32_t> Table::integers(int field, std::size_t most) const {
  const Vector found = vector(field, sizeof(std::int32_t), most);
  std::vector<std::int32_t> all(found.count);
  if (found.count > 0) std::memcpy(all.data(), file_.data() + found.begin, found.count * sizeof(std::int32_t));
  return all;
}

std::span<const std::byte> Table::bytes(int field) const {
  const Vector found = vector(field, 1, file_.size());
  return file_.subspan(found.begin, found.count);
}

}  // namespace dfpipe::tflite
