#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

/// What an image file tells without its pixels.
namespace dfpipe::datasets {

struct JpegFacts {
  int quality = 0;           ///< 1..100: libjpeg's setting whose luminance table is nearest
  std::uint64_t tables = 0;  ///< of all quantisation tables together: equal tables, equal numbers
  std::string sampling;      ///< of the components, as "2x2,1x1,1x1" for 4:2:0
  bool progressive = false;
};

struct FileFacts {
  std::string format;  ///< "jpeg", "png", "webp"
  bool exif = false;
  std::optional<JpegFacts> jpeg;
};

/// Reads markers and chunks as far as they are whole; what is damaged is left out. `format` as decoded.
FileFacts file_facts(std::span<const std::uint8_t> file, const std::string& format);

}  // namespace dfpipe::datasets
