#include "event_file.hpp"

#include <bit>
#include <chrono>
#include <string>

#include "crc32c.hpp"

namespace dfpipe::training {
namespace {

/// Field numbers of the messages, and how a field is encoded. (Protocol Buffers, "Encoding")
enum class Event : unsigned { wall_time = 1, step = 2, file_version = 3, summary = 5 };
enum class Summary : unsigned { value = 1 };
enum class Value : unsigned { tag = 1, simple_value = 2 };
enum class Wire : unsigned { varint = 0, fixed64 = 1, length = 2, fixed32 = 5 };

template <class Unsigned>
std::string little_endian(Unsigned number) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof number; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  return bytes;
}

std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>((number & 0x7F) | 0x80);
  bytes += static_cast<char>(number);
  return bytes;
}

template <class Field>
std::string key(Field field, Wire wire) {
  return varint(static_cast<unsigned>(field) << 3 | static_cast<unsigned>(wire));
}

template <class Field>
std::string text(Field field, std::string_view bytes) {
  return key(field, Wire::length) + varint(bytes.size()) + std::string(bytes);
}

std::string time_field(double wall_time) {
  return key(Event::wall_time, Wire::fixed64) + little_endian(std::bit_cast<std::uint64_t>(wall_time));
}

/// A CRC of data that holds CRCs itself is weak, so the format turns it and adds a constant.
std::string masked_crc(std::string_view data) { return little_endian(std::rotr(crc32c(data), 15) + 0xA282EAD8u); }

}  // namespace

double wall_clock() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

EventFile::EventFile(std::filesystem::path path, std::uint64_t offset, double wall_time)
    : file_(std::move(path), offset) {
  if (offset == 0) record(time_field(wall_time) + text(Event::file_version, "brain.Event:2"));
}

void EventFile::scalar(std::string_view tag, double value, std::int64_t step, double wall_time) {
  const std::string number =
      key(Value::simple_value, Wire::fixed32) + little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  record(time_field(wall_time) + key(Event::step, Wire::varint) + varint(static_cast<std::uint64_t>(step)) +
         text(Event::summary, text(Summary::value, text(Value::tag, tag) + number)));
}

void EventFile::record(std::string_view event) {
  const std::string length = little_endian(static_cast<std::uint64_t>(event.size()));
  file_.append(length + masked_crc(length) + std::string(event) + masked_crc(event));
}

}  // namespace dfpipe::training
