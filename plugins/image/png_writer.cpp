#include "png_writer.hpp"

#include <png.h>
#include <zlib.h>

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

  bool write(const std::uint8_t* pixels, std::size_t step, png_uint_32 width, png_uint_32 height);
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

bool Writer::write(const std::uint8_t* pixels, std::size_t step, png_uint_32 width, png_uint_32 height) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, this, on_write, nullptr);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  // What the filter leaves of a photograph is noise with a few runs: searching it for longer matches takes most of the
  // time and gains nothing.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_compression_strategy(png, Z_RLE);
  png_set_compression_level(png, 1);
  png_write_info(png, info);
  for (png_uint_32 y = 0; y < height; ++y) png_write_row(png, pixels + y * step);
  png_write_end(png, info);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const cv::Mat& rgb) {
  if (rgb.empty() || rgb.type() != CV_8UC3) throw std::runtime_error("PNG: 3 channels of uint8 are wanted");
  Writer writer;
  if (!writer.write(rgb.data, rgb.step, static_cast<png_uint_32>(rgb.cols), static_cast<png_uint_32>(rgb.rows)))
    throw std::runtime_error("PNG: " + std::string(writer.message));
  writer.file.shrink_to_fit();
  return std::move(writer.file);
}

}  // namespace dfpipe::codec
