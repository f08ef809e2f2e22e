#include "png_writer.hpp"

#include <png.h>
#include <zlib.h>

#include <array>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>

namespace dfpipe::codec {
namespace {

/// libpng's structures. An error leaves by longjmp: no object with a destructor may live in `write`.
struct Writer {
  std::vector<std::uint8_t> file;
  char message[128] = "no memory";
  png_structp png = nullptr;
  png_infop info = nullptr;

  Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }

  bool append(png_bytep data, png_size_t size) noexcept try {
    file.insert(file.end(), data, data + size);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }

  bool write(const cv::Mat& picture, const png_color* palette);
};

void on_write(png_structp png, png_bytep data, png_size_t size) {
  if (!static_cast<Writer*>(png_get_io_ptr(png))->append(data, size)) png_error(png, "no memory");
}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& writer = *static_cast<Writer*>(png_get_error_ptr(png));
  std::snprintf(writer.message, sizeof writer.message, "%s", message);
  png_longjmp(png, 1);
}

Writer::Writer() {
  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
  if (png) info = png_create_info_struct(png);
  if (!info) {
    png_destroy_write_struct(&png, nullptr);
    throw std::bad_alloc();
  }
}

bool Writer::write(const cv::Mat& picture, const png_color* palette) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, this, on_write, nullptr);
  const int colour = palette                   ? PNG_COLOR_TYPE_PALETTE
                     : picture.channels() == 1 ? PNG_COLOR_TYPE_GRAY
                                               : PNG_COLOR_TYPE_RGB;
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.cols), static_cast<png_uint_32>(picture.rows), 8, colour,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (palette) png_set_PLTE(png, info, palette, 256);
  // What the filter leaves of a photograph is noise with a few runs: searching it for longer matches takes most of the
  // time and gains nothing.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_compression_strategy(png, Z_RLE);
  png_set_compression_level(png, 1);
  png_write_info(png, info);
  for (int y = 0; y < picture.rows; ++y) png_write_row(png, picture.data + static_cast<std::size_t>(y) * picture.step);
  png_write_end(png, info);
  return true;
}

std::vector<std::uint8_t> whole_file(const cv::Mat& picture, const png_color* palette) {
  Writer writer;
  if (!writer.write(picture, palette)) throw std::runtime_error("PNG: " + std::string(writer.message));
  writer.file.shrink_to_fit();
  return std::move(writer.file);
}

}  // namespace

std::vector<std::uint8_t> encode_png(const cv::Mat& picture) {
  if (picture.empty() || (picture.type() != CV_8UC3 && picture.type() != CV_8UC1))
    throw std::runtime_error("PNG: 1 or 3 channels of uint8 are wanted");
  return whole_file(picture, nullptr);
}

std::vector<std::uint8_t> encode_palette_png(const cv::Mat& levels, std::span<const cv::Vec3b, 256> palette) {
  if (levels.empty() || levels.type() != CV_8UC1) throw std::runtime_error("PNG: 1 channel of uint8 is wanted");
  std::array<png_color, 256> colours{};
  for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = {palette[i][0], palette[i][1], palette[i][2]};
  return whole_file(levels, colours.data());
}

}  // namespace dfpipe::codec
