#include "codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <opencv2/core.hpp>
#include <optional>

#include "dfpipe/error.hpp"

namespace dfpipe::codec {
namespace {

using namespace std::string_view_literals;

std::string_view text(ByteView file, std::size_t from = 0, std::size_t count = std::string_view::npos) {
  const std::string_view all(reinterpret_cast<const char*>(file.data()), file.size());
  return from > all.size() ? std::string_view{} : all.substr(from, count);
}

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view format;
};

// Picture formats that are recognised in order to say so, not to decode them.
constexpr std::array<Signature, 17> foreign{{
    {0, "GIF87a"sv, "GIF"},
    {0, "GIF89a"sv, "GIF"},
    {0, "II*\0"sv, "TIFF"},
    {0, "MM\0*"sv, "TIFF"},
    {0, "\xFF\x0A"sv, "JPEG XL"},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, "JPEG XL"},
    {0, "\0\0\0\x0CjP  \r\n\x87\n"sv, "JPEG 2000"},
    {0, "\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
    {4, "ftypavif"sv, "AVIF"},
    {4, "ftypavis"sv, "AVIF"},
    {4, "ftyphe"sv, "HEIF"},
    {4, "ftypmif1"sv, "HEIF"},
    {0, "8BPS\0\1"sv, "Photoshop"},
    {0, "\x76\x2F\x31\x01"sv, "OpenEXR"},
    {0, "#?RADIANCE"sv, "Radiance HDR"},
    {0, "qoif"sv, "QOI"},
    {0, "\0\0\1\0"sv, "icon"},
}};

bool is_bmp(ByteView file) {
  if (!text(file).starts_with("BM") || file.size() < 26) return false;
  // The size of the header that follows tells a bitmap from a text that begins with "BM".
  const std::uint32_t header = file[14] | file[15] << 8 | file[16] << 16 | static_cast<std::uint32_t>(file[17]) << 24;
  return header == 12 || (header >= 40 && header <= 124);
}

bool is_netpbm(ByteView file) {
  return file.size() >= 3 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7' && std::strchr(" \t\r\n#", file[2]) &&
         file[2] != 0;
}

bool is_svg(ByteView file) {
  std::string_view head = text(file, 0, 1024);
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
  return head.starts_with("<svg") || (head.starts_with("<?xml") && head.find("<svg") != std::string_view::npos);
}

std::optional<std::string_view> foreign_format(ByteView file) {
  for (const Signature& s : foreign)
    if (text(file, s.offset, s.bytes.size()) == s.bytes) return s.format;
  if (is_bmp(file)) return "BMP";
  if (is_netpbm(file)) return "Netpbm";
  if (is_svg(file)) return "SVG";
  return std::nullopt;
}

constexpr std::string_view png_signature = "\x89PNG\r\n\x1A\n"sv;

// A file so short that it stops inside a signature: enough of it must be there to tell the format.
bool cut_in_signature(ByteView file) {
  const std::string_view all = text(file);
  return all == "\xFF\xD8"sv || (all.size() >= 4 && all.size() < 8 && png_signature.starts_with(all)) ||
         (all.size() >= 4 && all.size() < 12 && all.starts_with("RIFF") && "WEBP"sv.starts_with(text(file, 8)));
}

}  // namespace

std::string_view name(Format format) {
  switch (format) {
    case Format::jpeg:
      return "jpeg";
    case Format::png:
      return "png";
    case Format::webp:
      return "webp";
  }
  return "";
}

Format recognise(ByteView file) {
  if (file.empty()) throw Error("the file has 0 bytes", "empty_file");
  if (text(file).starts_with("\xFF\xD8\xFF"sv)) return Format::jpeg;
  if (text(file).starts_with(png_signature)) return Format::png;
  if (text(file).starts_with("RIFF") && text(file, 8, 4) == "WEBP") return Format::webp;
  if (auto other = foreign_format(file))
    throw Error("this is a " + std::string(*other) + " file; decoded are JPEG, PNG and WebP", "unsupported");
  if (cut_in_signature(file)) throw Error("the file ends inside its signature", "truncated");
  throw Error("the contents are no picture: no known signature", "not_an_image");
}

Decoded decode(ByteView file, std::int64_t max_pixels) {
  switch (recognise(file)) {
    case Format::jpeg:
      return decode_jpeg(file, max_pixels);
    case Format::png:
      return decode_png(file, max_pixels);
    case Format::webp:
      break;
  }
  return decode_webp(file, max_pixels);
}

void check_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels) {
  if (width <= 0 || height <= 0)
    throw Error("the header gives a size of " + std::to_string(width) + " x " + std::to_string(height), "corrupt");
  if (width > max_pixels / height)
    throw Error(std::to_string(width) + " x " + std::to_string(height) +
                    " pixels are more than max_pixels = " + std::to_string(max_pixels),
                "too_large");
}

cv::Mat upright(const cv::Mat& stored, int orientation) {
  cv::Mat out;
  switch (orientation) {
    case 2:
      cv::flip(stored, out, 1);
      return out;
    case 3:
      cv::rotate(stored, out, cv::ROTATE_180);
      return out;
    case 4:
      cv::flip(stored, out, 0);
      return out;
    case 5:
      cv::transpose(stored, out);
      return out;
    case 6:
      cv::rotate(stored, out, cv::ROTATE_90_CLOCKWISE);
      return out;
    case 7:
      cv::transpose(stored, out);
      cv::rotate(out, out, cv::ROTATE_180);
      return out;
    case 8:
      cv::rotate(stored, out, cv::ROTATE_90_COUNTERCLOCKWISE);
      return out;
    default:
      return stored;
  }
}

}  // namespace dfpipe::codec
