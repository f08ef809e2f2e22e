#include <algorithm>

#include "codec.hpp"

namespace dfpipe::codec {
namespace {

constexpr std::uint16_t tag_orientation = 0x0112;
constexpr std::uint16_t type_short = 3;
constexpr std::uint16_t type_long = 4;

/// Reads numbers of a TIFF structure; outside its bounds everything is 0.
class Tiff {
 public:
  explicit Tiff(ByteView block) : block_(block) {
    if (block_.size() < 8) return;
    if (block_[0] == 'I' && block_[1] == 'I') little_ = true;
    if (!little_ && !(block_[0] == 'M' && block_[1] == 'M')) return;
    valid_ = u16(2) == 42;
  }
  bool valid() const { return valid_; }
  bool holds(std::uint64_t at, std::uint64_t count) const { return at <= block_.size() && count <= block_.size() - at; }
  std::uint16_t u16(std::uint64_t at) const {
    if (!holds(at, 2)) return 0;
    const std::uint16_t a = block_[at], b = block_[at + 1];
    return static_cast<std::uint16_t>(little_ ? a | b << 8 : a << 8 | b);
  }
  std::uint32_t u32(std::uint64_t at) const {
    if (!holds(at, 4)) return 0;
    const std::uint32_t first = u16(at), second = u16(at + 2);
    return little_ ? first | second << 16 : first << 16 | second;
  }

 private:
  ByteView block_;
  bool little_ = false;
  bool valid_ = false;
};

}  // namespace

int exif_orientation(ByteView block) {
  constexpr std::uint8_t prefix[] = {'E', 'x', 'i', 'f', 0, 0};
  if (block.size() >= 6 && std::ranges::equal(block.first(6), prefix)) block = block.subspan(6);
  const Tiff tiff(block);
  if (!tiff.valid()) return 1;
  const std::uint64_t ifd = tiff.u32(4);
  const std::uint64_t count = tiff.u16(ifd);
  for (std::uint64_t entry = ifd + 2; entry < ifd + 2 + 12 * count && tiff.holds(entry, 12); entry += 12) {
    if (tiff.u16(entry) != tag_orientation) continue;
    const std::uint16_t type = tiff.u16(entry + 2);
    if (tiff.u32(entry + 4) != 1) return 1;
    const std::uint32_t value = type == type_short ? tiff.u16(entry + 8) : type == type_long ? tiff.u32(entry + 8) : 1;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace dfpipe::codec
