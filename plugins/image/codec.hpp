#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Picture files to pixels and back. Nothing here keeps state: every function may be called from any thread.
///
/// What cannot be decoded is thrown as dfpipe::Error with one of these codes:
///   empty_file    0 bytes
///   not_an_image  no known signature
///   unsupported   a known picture format, or a variant of one, that is not decoded here
///   truncated     the file ends early; a picture with a missing part is never given
///   corrupt       the contents contradict the format
///   too_large     more pixels than the limit, seen in the header before anything is allocated
namespace dfpipe::codec {

using ByteView = std::span<const std::uint8_t>;

enum class Format : std::uint8_t { jpeg, png, webp };

/// "jpeg", "png" or "webp".
std::string_view name(Format format);

struct Decoded {
  cv::Mat pixels;  ///< [H,W,3] uint8 RGB as stored: orientation not applied
  Format format = Format::jpeg;
  int orientation = 1;                ///< EXIF tag 0x0112, 1..8; 1 when there is none or it cannot be read
  std::vector<std::string> warnings;  ///< what the decoder forgave: the pixels are complete
};

/// The format by the first bytes; a file's name is never looked at.
/// Throws Error: empty_file, not_an_image, unsupported, truncated (cut inside the signature).
Format recognise(ByteView file);

/// Recognises and decodes. Alpha is dropped, not blended; 16 bits are cut to the upper 8; grey and palette become RGB;
/// of an animation the first frame is taken. No colour management.
Decoded decode(ByteView file, std::int64_t max_pixels);

Decoded decode_jpeg(ByteView file, std::int64_t max_pixels);
Decoded decode_png(ByteView file, std::int64_t max_pixels);
Decoded decode_webp(ByteView file, std::int64_t max_pixels);

/// Throws Error `too_large` when width x height passes the limit, `corrupt` when one of them is 0.
void check_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

/// Orientation of an EXIF block: a TIFF structure, with or without "Exif\0\0" in front. Only IFD0 is read; every offset
/// is checked; what is damaged or outside 1..8 counts as 1. (CIPA DC-008, "Exif 2.32", 4.6.4 A.)
int exif_orientation(ByteView block);

/// Turns a picture stored with the given EXIF orientation upright. Orientation 1 gives the same handle back.
cv::Mat upright(const cv::Mat& stored, int orientation);

/// [H,W,3] uint8 RGB to a whole file. `quality` is libjpeg's, 1..100. Throws std::runtime_error. PNG: png_writer.hpp.
std::vector<std::uint8_t> encode_jpeg(const cv::Mat& rgb, int quality);

}  // namespace dfpipe::codec
