#include "test_files.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <opencv2/core.hpp>
#include <stdexcept>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>
#include <webp/mux.h>
#include <zlib.h>

namespace dfpipe::test_files {
namespace {

File jpeg(const cv::Mat& picture, J_COLOR_SPACE space, const std::function<void(jpeg_compress_struct&)>& settle) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(picture.cols);
  info.image_height = static_cast<JDIMENSION>(picture.rows);
  info.input_components = picture.channels();
  info.in_color_space = space;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 95, TRUE);
  settle(info);
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < picture.rows; ++y) {
    auto* row = const_cast<JSAMPROW>(picture.ptr(y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  File out(buffer, buffer + size);
  std::free(buffer);
  return out;
}

void append_big_endian(File& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

File take(std::uint8_t* data, std::size_t size) {
  File out(data, data + size);
  WebPFree(data);
  return out;
}

}  // namespace

cv::Mat quadrants(int width, int height) {
  cv::Mat out(height, width, CV_8UC3, cv::Scalar(235, 235, 235));
  out(cv::Rect(0, 0, width / 2, height / 2)).setTo(cv::Scalar(220, 30, 30));
  out(cv::Rect(width / 2, 0, width - width / 2, height / 2)).setTo(cv::Scalar(30, 180, 30));
  out(cv::Rect(0, height / 2, width / 2, height - height / 2)).setTo(cv::Scalar(30, 30, 220));
  return out;
}

cv::Mat textured(int width, int height, std::uint32_t seed) {
  cv::Mat out(height, width, CV_8UC3);
  std::uint32_t state = seed * 2654435761u + 12345u;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        state = state * 1664525u + 1013904223u;
        out.ptr(y)[3 * x + c] = static_cast<std::uint8_t>((x * (c + 1) + y * 2 + (state >> 26)) & 255);
      }
  return out;
}

File progressive_jpeg(const cv::Mat& rgb) {
  return jpeg(rgb, JCS_RGB, [](jpeg_compress_struct& info) { jpeg_simple_progression(&info); });
}

File jpeg_of_many_scans(const cv::Mat& rgb, bool progressive) {
  std::vector<jpeg_scan_info> script;
  for (int c = 0; c < 3; ++c) script.push_back({1, {c}, 0, progressive ? 0 : DCTSIZE2 - 1, 0, 0});
  for (int c = 0; c < 3 && progressive; ++c) script.push_back({1, {c}, 1, DCTSIZE2 - 1, 0, 0});
  return jpeg(rgb, JCS_RGB, [&](jpeg_compress_struct& info) {
    info.scan_info = script.data();
    info.num_scans = static_cast<int>(script.size());
  });
}

namespace {

/// First byte of each scan's SOS marker, and the first behind its data: the next marker that is no restart.
std::vector<std::pair<std::size_t, std::size_t>> scan_places(const File& jpeg) {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at + 1] != 0xD9) {
    const std::size_t start = at;
    const bool scan = jpeg[at + 1] == 0xDA;
    at += 2 + static_cast<std::size_t>(jpeg[at + 2] << 8 | jpeg[at + 3]);
    if (!scan) continue;
    while (jpeg[at] != 0xFF || jpeg[at + 1] == 0 || (jpeg[at + 1] & 0xF8) == 0xD0) ++at;
    all.emplace_back(start, at);
  }
  return all;
}

}  // namespace

std::size_t scans(const File& jpeg) { return scan_places(jpeg).size(); }

File without_scan(const File& jpeg, std::size_t n) {
  const auto [from, to] = scan_places(jpeg).at(n);
  File out = jpeg;
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(from), out.begin() + static_cast<std::ptrdiff_t>(to));
  return out;
}

File grey_jpeg(const cv::Mat& grey) {
  return jpeg(grey, JCS_GRAYSCALE, [](jpeg_compress_struct&) {});
}

File cmyk_jpeg(const cv::Mat& cmyk, bool adobe) {
  return jpeg(cmyk, JCS_CMYK, [&](jpeg_compress_struct& info) { info.write_Adobe_marker = adobe; });
}

File png(int width, int height, PngKind kind, const std::vector<File>& rows, const File& palette,
         const File& transparent) {
  png_structp out = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(out);
  if (setjmp(png_jmpbuf(out)) != 0) throw std::runtime_error("libpng refused to write a test picture");
  File file;
  png_set_write_fn(
      out, &file,
      [](png_structp p, png_bytep data, png_size_t size) {
        auto& to = *static_cast<File*>(png_get_io_ptr(p));
        to.insert(to.end(), data, data + size);
      },
      nullptr);
  png_set_IHDR(out, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), kind.bit_depth,
               kind.color_type, kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> colors;
  for (std::size_t i = 0; i + 2 < palette.size(); i += 3)
    colors.push_back({palette[i], palette[i + 1], palette[i + 2]});
  if (!colors.empty()) png_set_PLTE(out, info, colors.data(), static_cast<int>(colors.size()));
  if (!transparent.empty()) png_set_tRNS(out, info, transparent.data(), static_cast<int>(transparent.size()), nullptr);
  png_write_info(out, info);
  std::vector<png_bytep> pointers;
  for (const File& row : rows) pointers.push_back(const_cast<png_bytep>(row.data()));
  png_set_interlace_handling(out);
  png_write_image(out, pointers.data());
  png_write_end(out, info);
  png_destroy_write_struct(&out, &info);
  return file;
}

File with_png_chunk(const File& png, const std::string& type, const File& data) {
  File chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(data.size()));
  chunk.insert(chunk.end(), type.begin(), type.end());
  chunk.insert(chunk.end(), data.begin(), data.end());
  append_big_endian(chunk, static_cast<std::uint32_t>(crc32(0, chunk.data() + 4, static_cast<uInt>(chunk.size() - 4))));
  File out = png;
  out.insert(out.begin() + 33, chunk.begin(), chunk.end());
  return out;
}

File webp(const cv::Mat& rgb, bool lossless) {
  std::uint8_t* data = nullptr;
  const int step = static_cast<int>(rgb.step);
  const std::size_t size = lossless ? WebPEncodeLosslessRGB(rgb.data, rgb.cols, rgb.rows, step, &data)
                                    : WebPEncodeRGB(rgb.data, rgb.cols, rgb.rows, step, 95, &data);
  return take(data, size);
}

File webp_rgba(const cv::Mat& rgba) {
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = 1;
  config.exact = 1;  // keep the colours under alpha 0
  WebPPicture picture;
  WebPPictureInit(&picture);
  picture.use_argb = 1;
  picture.width = rgba.cols;
  picture.height = rgba.rows;
  WebPPictureImportRGBA(&picture, rgba.data, static_cast<int>(rgba.step));
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  WebPEncode(&config, &picture);
  WebPPictureFree(&picture);
  return take(writer.mem, writer.size);
}

File animated_webp(const std::vector<cv::Mat>& frames) {
  WebPAnimEncoderOptions options;
  WebPAnimEncoderOptionsInit(&options);
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(frames[0].cols, frames[0].rows, &options);
  WebPConfig config;
  WebPConfigInit(&config);
  config.lossless = 1;
  int time = 0;
  for (const cv::Mat& rgb : frames) {
    WebPPicture picture;
    WebPPictureInit(&picture);
    picture.use_argb = 1;
    picture.width = rgb.cols;
    picture.height = rgb.rows;
    WebPPictureImportRGB(&picture, rgb.data, static_cast<int>(rgb.step));
    WebPAnimEncoderAdd(encoder, &picture, time += 100, &config);
    WebPPictureFree(&picture);
  }
  WebPAnimEncoderAdd(encoder, nullptr, time + 100, nullptr);
  WebPData data;
  WebPDataInit(&data);
  WebPAnimEncoderAssemble(encoder, &data);
  WebPAnimEncoderDelete(encoder);
  File out(data.bytes, data.bytes + data.size);
  WebPDataClear(&data);
  return out;
}

File with_webp_exif(const File& webp, const File& exif) {
  const WebPData whole{webp.data(), webp.size()}, block{exif.data(), exif.size()};
  WebPMux* mux = WebPMuxCreate(&whole, 1);
  WebPMuxSetChunk(mux, "EXIF", &block, 1);
  WebPData data;
  WebPDataInit(&data);
  WebPMuxAssemble(mux, &data);
  WebPMuxDelete(mux);
  File out(data.bytes, data.bytes + data.size);
  WebPDataClear(&data);
  return out;
}

File exif_block(int orientation, bool big_endian) {
  const auto value = static_cast<std::uint8_t>(orientation);
  if (big_endian) return {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0};
  return {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0};
}

File with_jpeg_exif(const File& jpeg, const File& exif) {
  const std::size_t length = 2 + 6 + exif.size();
  File out{0xFF, 0xD8, 0xFF, 0xE1, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), 'E', 'x',
           'i',  'f',  0,    0};
  out.insert(out.end(), exif.begin(), exif.end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

cv::Mat stored_for(const cv::Mat& upright, int orientation) {
  cv::Mat out;
  switch (orientation) {
    case 2:
      cv::flip(upright, out, 1);
      break;
    case 3:
      cv::flip(upright, out, -1);
      break;
    case 4:
      cv::flip(upright, out, 0);
      break;
    case 5:
      cv::transpose(upright, out);
      break;
    case 6:
      cv::rotate(upright, out, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
    case 7:
      cv::flip(upright.t(), out, -1);
      break;
    case 8:
      cv::rotate(upright, out, cv::ROTATE_90_CLOCKWISE);
      break;
    default:
      out = upright.clone();
  }
  return out;
}

}  // namespace dfpipe::test_files
