#include "file_facts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "dfpipe/random.hpp"

namespace dfpipe::datasets {
namespace {

using Bytes = std::span<const std::uint8_t>;

// The luminance table of ITU-T T.81, K.1, in zigzag order.
constexpr std::array<int, 64> luminance{16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
                                        26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
                                        56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
                                        95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// libjpeg's jpeg_set_quality gives each quality a table; the nearest one in the sum of absolute differences.
int nearest_quality(const std::array<int, 64>& table) {
  int best = 0;
  long least = std::numeric_limits<long>::max();
  for (int quality = 1; quality <= 100; ++quality) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    long sum = 0;
    for (std::size_t i = 0; i < 64; ++i)
      sum += std::abs(table[i] - std::clamp((luminance[i] * scale + 50) / 100, 1, 255));
    if (sum < least) {
      least = sum;
      best = quality;
    }
  }
  return best;
}

void read_tables(Bytes segment, JpegFacts& facts) {
  while (!segment.empty()) {
    const bool wide = segment[0] >> 4 != 0;
    const bool first = (segment[0] & 15) == 0;
    const std::size_t size = wide ? 128 : 64;
    if (segment.size() < 1 + size) return;
    const Bytes values = segment.subspan(1, size);
    facts.tables = Random::mix(facts.tables, Random::hash(as_text(segment.first(1 + size))));
    if (first) {
      std::array<int, 64> table{};
      for (std::size_t i = 0; i < 64; ++i) table[i] = wide ? values[2 * i] << 8 | values[2 * i + 1] : values[i];
      facts.quality = nearest_quality(table);
    }
    segment = segment.subspan(1 + size);
  }
}

void read_frame(Bytes segment, JpegFacts& facts) {
  if (segment.size() < 6) return;
  const std::size_t components = segment[5];
  facts.sampling.clear();
  for (std::size_t i = 0; i < components && 6 + 3 * i + 2 < segment.size(); ++i) {
    const std::uint8_t factors = segment[6 + 3 * i + 1];
    facts.sampling += (i > 0 ? "," : "") + std::to_string(factors >> 4) + "x" + std::to_string(factors & 15);
  }
}

void read_jpeg(Bytes file, FileFacts& facts) {
  JpegFacts jpeg;
  for (std::size_t at = 2; at + 4 <= file.size() && file[at] == 0xFF;) {
    const std::uint8_t marker = file[at + 1];
    if (marker == 0xFF) {  // a fill byte
      ++at;
      continue;
    }
    const std::size_t length = static_cast<std::size_t>(file[at + 2] << 8 | file[at + 3]);
    if (marker == 0xDA || length < 2 || at + 2 + length > file.size()) break;
    const Bytes segment = file.subspan(at + 4, length - 2);
    if (marker == 0xDB) read_tables(segment, jpeg);
    if (marker == 0xE1 && as_text(segment).starts_with("Exif")) facts.exif = true;
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
      read_frame(segment, jpeg);
      jpeg.progressive = marker == 0xC2;
    }
    at += 2 + length;
  }
  facts.jpeg = jpeg;
}

enum class ByteOrder : std::uint8_t { big, little };

/// Whether a file of chunks (PNG: length, name, data, CRC; RIFF: name, length, data, padding) has one of that name.
bool has_chunk(Bytes file, std::size_t first, std::string_view name, ByteOrder order) {
  for (std::size_t at = first; at + 8 <= file.size();) {
    const bool png = order == ByteOrder::big;
    const Bytes number = file.subspan(png ? at : at + 4, 4);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | number[png ? i : 3 - i];
    if (as_text(file.subspan(png ? at + 4 : at, 4)) == name) return true;
    at += 8 + length + (png ? 4 : length % 2);
  }
  return false;
}

}  // namespace

FileFacts file_facts(Bytes file, const std::string& format) {
  FileFacts facts;
  facts.format = format;
  if (format == "jpeg") read_jpeg(file, facts);
  if (format == "png") facts.exif = has_chunk(file, 8, "eXIf", ByteOrder::big);
  if (format == "webp") facts.exif = has_chunk(file, 12, "EXIF", ByteOrder::little);
  return facts;
}

}  // namespace dfpipe::datasets
