#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace dfpipe::tflite {

/// A file that is not what it should be.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A table of a flatbuffer: fields by number, each of which may be absent and then has the schema's default, which the
/// reader must give. Everything is little endian; references are distances from where they stand (FlatBuffers'
/// "Internals" page). No byte is read before it is known to lie in the file, whatever the file says: a reference out of
/// it, a vector longer than it and a table without a sound directory of its fields are FormatErrors.
///
/// A table is a view; the bytes must outlive it.
class Table {
 public:
  /// The table that the file begins with.
  static Table root(std::span<const std::byte> file);

  template <std::integral T>
  T number(int field, T otherwise) const {
    const auto at = find(field, sizeof(T));
    return at ? read<T>(*at) : otherwise;
  }
  std::optional<Table> table(int field) const;
  /// Empty when the field is absent, as are the two below. More than `most` elements are an error: several vectors may
  /// share their bytes, so the file's size alone bounds nothing.
  std::vector<Table> tables(int field, std::size_t most) const;
  std::vector<std::int32_t> integers(int field, std::size_t most) const;
  std::span<const std::byte> bytes(int field) const;

 private:
  static_assert(std::endian::native == std::endian::little);

  Table(std::span<const std::byte> file, std::size_t at);

  template <typename T>
  T read(std::size_t at) const {
    if (at > file_.size() || file_.size() - at < sizeof(T)) out_of_file(at);
    T value;
    std::memcpy(&value, file_.data() + at, sizeof(T));
    return value;
  }
  [[noreturn]] static void out_of_file(std::size_t at);
  std::optional<std::size_t> find(int field, std::size_t size) const;
  std::size_t follow(std::size_t at) const;

  struct Vector {
    std::size_t begin = 0, count = 0;
  };
  Vector vector(int field, std::size_t element, std::size_t most) const;

  std::span<const std::byte> file_;
  std::size_t at_ = 0;
  std::size_t directory_ = 0;  // the "vtable": its size, the table's size, then where each field lies
  std::uint16_t directory_size_ = 0;
  std::uint16_t size_ = 0;
};

}  // namespace dfpipe::tflite
