#include "onnx_file.hpp"

#include <cstdint>
#include <optional>

namespace dfpipe::face {
namespace {

/// Takes a base-128 number off the front; nothing when it does not end.
std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string what_is_wrong_with_onnx(std::string_view bytes) {
  const std::string foreign = "is no ONNX file", cut = "is an ONNX file that was cut";
  constexpr std::uint64_t graph = 7, last_field = 25;
  constexpr char ir_version = 0x08;  // field 1, a number: every writer puts it first
  if (bytes.empty() || bytes.front() != ir_version) return foreign;
  bool has_graph = false;
  while (!bytes.empty()) {
    const auto tag = take_varint(bytes);
    if (!tag) return cut;
    if (*tag >> 3 == 0 || *tag >> 3 > last_field) return foreign;
    const std::uint64_t kind = *tag & 7;
    if (kind != 0 && kind != 2) return foreign;
    const auto value = take_varint(bytes);
    if (!value) return cut;
    if (kind == 0) continue;
    if (*value > bytes.size()) return cut;
    bytes.remove_prefix(*value);
    has_graph = has_graph || *tag >> 3 == graph;
  }
  return has_graph ? std::string() : cut;
}

}  // namespace dfpipe::face
