#pragma once

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace dfpipe::detector::testing {

/// Pieces of pickles and files of torch.save, put together by hand to say what torch.save would not.

inline std::string little(std::uint64_t number, std::size_t width) {
  std::string bytes(width, '\0');
  std::memcpy(bytes.data(), &number, width);
  return bytes;
}

inline std::string text(const std::string& text) { return "X" + little(text.size(), 4) + text; }
inline std::string integer(std::uint64_t number) { return "\x8a\x09" + little(number, 8) + std::string(1, '\0'); }
inline std::string tuple(const std::string& items) { return "(" + items + "t"; }
inline std::string ordered_dict() { return "ccollections\nOrderedDict\n)R"; }

inline std::string storage(const std::string& type, const std::string& key, std::uint64_t elements) {
  return tuple(text("storage") + "ctorch\n" + type + "\n" + text(key) + text("cpu") + integer(elements) + "N") + "Q";
}

inline std::string numbers(const std::vector<std::uint64_t>& all) {
  std::string items;
  for (const auto n : all) items += integer(n);
  return tuple(items);
}

inline std::string tensor(const std::string& storage, std::uint64_t offset, const std::vector<std::uint64_t>& shape,
                          const std::vector<std::uint64_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n" +
         tuple(storage + integer(offset) + numbers(shape) + numbers(strides) + "\x89" + ordered_dict()) + "R";
}

/// A file of the layout before the zip: `body` is the pickle without its first two bytes and its end.
inline std::string legacy_file(const std::string& body, const std::vector<std::string>& keys = {},
                               const std::string& numbers_after = "", const std::string& little_endian = "\x88") {
  std::string list = "\x80\x02](";
  for (const auto& key : keys) list += text(key);
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.") + "\x80\x02}" +
         text("little_endian") + little_endian + "s.\x80\x02" + body + "." + list + "e." + numbers_after;
}

}  // namespace dfpipe::detector::testing
