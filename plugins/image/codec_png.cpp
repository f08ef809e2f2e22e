#include <png.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>

#include "codec.hpp"
#include "dfpipe/error.hpp"
#include "remarks.hpp"

namespace dfpipe::codec {
namespace {

// Texts and colour profiles are not wanted, and compressed ones can be bombs: libpng passes over them unread.
constexpr png_byte unread_chunks[] = "iCCP\0iTXt\0zTXt\0tEXt\0sPLT\0hIST\0pCAL\0sCAL";

struct Source {
  ByteView file;
  std::size_t at = 0;
  bool ended = false;  ///< libpng asked for more than there is
  char message[128] = {};
  std::vector<std::string>* warnings = nullptr;
};

void on_read(png_structp png, png_bytep to, png_size_t count) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (count > source.file.size() - source.at) {
    source.ended = true;
    png_error(png, "the file ends early");
  }
  std::memcpy(to, source.file.data() + source.at, count);
  source.at += count;
}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& source = *static_cast<Source*>(png_get_error_ptr(png));
  std::snprintf(source.message, sizeof source.message, "%s", message);
  png_longjmp(png, 1);
}

// libpng forgives pixel data whose checksum is wrong; that is damage, not a remark.
void on_warning(png_structp png, png_const_charp message) {
  const std::string_view text = message;
  const bool harmless =
      text.find("Extra compressed data") != text.npos || text.find("Too much image data") != text.npos;
  if (text.starts_with("IDAT") && !harmless) png_error(png, message);
  remark(*static_cast<Source*>(png_get_error_ptr(png))->warnings, message);
}

/// libpng's structures, and the one place where longjmp lands. No object with a destructor may live in a step.
struct Reader {
  Source source;
  png_structp png = nullptr;
  png_infop info = nullptr;
  png_infop end = nullptr;

  explicit Reader(ByteView file, std::vector<std::string>* warnings) {
    source.file = file;
    source.warnings = warnings;
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
    if (png) info = png_create_info_struct(png);
    if (png) end = png_create_info_struct(png);
    if (!png || !info || !end) {
      png_destroy_read_struct(&png, &info, &end);
      throw std::bad_alloc();
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, &end); }

  template <class Step>
  void run(const Step& step) {
    if (!guarded(step)) throw Error("PNG: " + std::string(source.message), source.ended ? "truncated" : "corrupt");
  }

 private:
  template <class Step>
  bool guarded(const Step& step) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    step();
    return true;
  }
};

std::uint32_t big_endian(ByteView file, std::size_t at) {
  return static_cast<std::uint32_t>(file[at]) << 24 | file[at + 1] << 16 | file[at + 2] << 8 | file[at + 3];
}

// libpng's own limit gives one error for "too large" and "nonsense", so the size is read here first.
void check_header(ByteView file, std::int64_t max_pixels) {
  if (file.size() < 24) throw Error("PNG: the file ends inside its header", "truncated");
  if (std::memcmp(file.data() + 12, "IHDR", 4) != 0) throw Error("PNG: the first chunk is not IHDR", "corrupt");
  const std::uint32_t width = big_endian(file, 16), height = big_endian(file, 20);
  check_size(width, height, max_pixels);
}

void read_header(Reader& reader) {
  png_structp png = reader.png;
  png_set_read_fn(png, &reader.source, on_read);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread_chunks, sizeof(unread_chunks) / 5);
  png_read_info(png, reader.info);
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reader.info);
}

int orientation_of(Reader& reader) {
  for (png_infop info : {reader.info, reader.end}) {
    png_uint_32 count = 0;
    png_bytep block = nullptr;
    if (png_get_eXIf_1(reader.png, info, &count, &block) != 0 && block != nullptr)
      return exif_orientation({block, count});
  }
  return 1;
}

}  // namespace

Decoded decode_png(ByteView file, std::int64_t max_pixels) {
  check_header(file, max_pixels);
  Decoded out;
  out.format = Format::png;
  Reader reader(file, &out.warnings);
  reader.run([&] { read_header(reader); });

  const auto width = png_get_image_width(reader.png, reader.info);
  const auto height = png_get_image_height(reader.png, reader.info);
  if (png_get_rowbytes(reader.png, reader.info) != std::size_t{3} * width)
    throw Error("PNG: this combination of colour type and depth", "unsupported");
  out.pixels.create(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  std::vector<png_bytep> rows(height);
  for (png_uint_32 y = 0; y < height; ++y) rows[y] = out.pixels.ptr(static_cast<int>(y));
  reader.run([&] {
    png_read_image(reader.png, rows.data());
    png_read_end(reader.png, reader.end);
  });
  out.orientation = orientation_of(reader);
  return out;
}

}  // namespace dfpipe::codec
