#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/value.hpp"

namespace dfpipe {

/// A whole file's contents, or an encoded picture.
struct Bytes {
  std::vector<std::uint8_t> data;
};

/// What is known of an image file besides its pixels.
struct ImageInfo {
  std::int64_t width = 0;  ///< of the picture as it is seen: after EXIF orientation
  std::int64_t height = 0;
  std::string format;  ///< "jpeg", "png", "webp"
  std::int64_t bytes = 0;
  std::string sha256;   ///< of the file, lower-case hex
  int orientation = 1;  ///< the EXIF tag that was applied, 1..8
  std::vector<std::string> warnings;
};

/// One measurement on a face. `value` is what was measured, empty when it could not be.
struct Measure {
  std::string name;
  std::optional<double> value;
  std::optional<double> score;     ///< [0,1], 1 = natural
  std::optional<double> validity;  ///< [0,1], how far the score may be trusted
  std::string note;
};

struct Measures {
  std::vector<Measure> all;
};

template <>
struct Type<std::string> {
  static constexpr std::string_view name = "text";
};
template <>
struct Type<double> {
  static constexpr std::string_view name = "number";
};
template <>
struct Type<Bytes> {
  static constexpr std::string_view name = "bytes";
};
template <>
struct Type<ImageInfo> {
  static constexpr std::string_view name = "image-info";
};
template <>
struct Type<Measures> {
  static constexpr std::string_view name = "measures";
};

}  // namespace dfpipe
