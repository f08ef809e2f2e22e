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

/// One of the raw numbers that a measurement is made of. `value` is empty when it could not be measured.
struct MeasurePart {
  std::string name;
  std::optional<double> value;
};

/// One measurement on a face. `value` is what was measured, empty when it could not be. Definitions that judge a value
/// against a reference always give `validity`, and a score when there is a value.
struct Measure {
  std::string name;
  std::optional<double> value;
  std::optional<double> score;       ///< [0,1], 1 = natural
  std::optional<double> validity;    ///< [0,1], how far the score may be trusted
  std::string note;                  ///< a sentence for people
  std::vector<MeasurePart> parts{};  ///< where the score stands on more than one number, or the definition names it
};

struct Measures {
  std::vector<Measure> all;
  std::optional<double> total;  ///< [0,1], 1 = natural; empty when too little is valid, or nothing is scored
  std::string worst;            ///< name of the lowest score that is mostly valid; empty when none is below 1
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
