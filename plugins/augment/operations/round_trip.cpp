#include "round_trip.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>

// jpeglib.h needs the declarations of <cstdio> before it.
#include <jpeglib.h>
#include <webp/decode.h>
#include <webp/encode.h>

#include "dfpipe/error.hpp"

namespace dfpipe::augment {
namespace {

/// libjpeg leaves a failed call through longjmp: no object with a destructor may live between setjmp and the calls.
struct JpegErrors {
  jpeg_error_mgr base{};  // first: libjpeg's pointer is cast back to this struct
  std::jmp_buf jump{};
  char message[JMSG_LENGTH_MAX] = {};
};

void on_error(j_common_ptr info) {
  auto& errors = *reinterpret_cast<JpegErrors*>(info->err);
  (*info->err->format_message)(info, errors.message);
  std::longjmp(errors.jump, 1);
}

jpeg_error_mgr* prepare(JpegErrors& errors) {
  jpeg_error_mgr* const base = jpeg_std_error(&errors.base);
  base->error_exit = on_error;
  base->output_message = [](j_common_ptr) {};
  return base;
}

/// A compressor and a decompressor that a thread keeps: making them costs as much as a small picture.
class JpegCodec {
 public:
  JpegCodec() {
    out_.err = prepare(errors_);
    in_.err = prepare(errors_);
    jpeg_create_compress(&out_);
    jpeg_create_decompress(&in_);
  }
  JpegCodec(const JpegCodec&) = delete;
  JpegCodec& operator=(const JpegCodec&) = delete;
  ~JpegCodec() {
    jpeg_destroy_compress(&out_);
    jpeg_destroy_decompress(&in_);
    std::free(file_);
  }

  void through(const cv::Mat& from, cv::Mat& to, int quality, J_COLOR_SPACE order) {
    if (setjmp(errors_.jump) != 0) {
      jpeg_abort_compress(&out_);
      jpeg_abort_decompress(&in_);
      throw Error(std::string("JPEG: ") + errors_.message, "parameters");
    }
    encode(from, quality, order);
    decode(to, order);
  }

 private:
  void encode(const cv::Mat& from, int quality, J_COLOR_SPACE order) {
    size_ = capacity_;  // what is there is used again; libjpeg allocates anew when it does not suffice
    unsigned char* const before = file_;
    jpeg_mem_dest(&out_, &file_, &size_);
    out_.image_width = static_cast<JDIMENSION>(from.cols);
    out_.image_height = static_cast<JDIMENSION>(from.rows);
    out_.input_components = 3;
    out_.in_color_space = order;
    jpeg_set_defaults(&out_);
    jpeg_set_quality(&out_, quality, TRUE);
    jpeg_start_compress(&out_, TRUE);
    while (out_.next_scanline < out_.image_height) {
      JSAMPROW row = const_cast<JSAMPROW>(from.ptr(static_cast<int>(out_.next_scanline)));
      jpeg_write_scanlines(&out_, &row, 1);
    }
    jpeg_finish_compress(&out_);
    if (file_ != before) {
      std::free(before);
      capacity_ = size_;
    }
  }

  void decode(cv::Mat& to, J_COLOR_SPACE order) {
    jpeg_mem_src(&in_, file_, size_);
    jpeg_read_header(&in_, TRUE);
    in_.out_color_space = order;
    jpeg_start_decompress(&in_);
    while (in_.output_scanline < in_.output_height) {
      JSAMPROW row = to.ptr(static_cast<int>(in_.output_scanline));
      jpeg_read_scanlines(&in_, &row, 1);
    }
    jpeg_finish_decompress(&in_);
  }

  JpegErrors errors_;
  jpeg_compress_struct out_{};
  jpeg_decompress_struct in_{};
  unsigned char* file_ = nullptr;
  unsigned long size_ = 0, capacity_ = 0;
};

}  // namespace

cv::Mat through_jpeg(const cv::Mat& rgb, int quality, Channels channels) {
  thread_local JpegCodec codec;
  cv::Mat out(rgb.size(), CV_8UC3);
  codec.through(rgb, out, quality, channels == Channels::swapped ? JCS_EXT_BGR : JCS_EXT_RGB);
  return out;
}

cv::Mat through_webp(const cv::Mat& rgb, int quality, Channels channels) {
  const bool swapped = channels == Channels::swapped;
  std::uint8_t* file = nullptr;
  const int stride = static_cast<int>(rgb.step);
  const std::size_t size = (swapped ? WebPEncodeBGR : WebPEncodeRGB)(rgb.data, rgb.cols, rgb.rows, stride,
                                                                     static_cast<float>(quality), &file);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> keep(file, WebPFree);
  cv::Mat out(rgb.size(), CV_8UC3);
  const std::size_t room = out.step * static_cast<std::size_t>(out.rows);
  if (size == 0 || (swapped ? WebPDecodeBGRInto : WebPDecodeRGBInto)(file, size, out.data, room,
                                                                     static_cast<int>(out.step)) == nullptr)
    throw Error("WebP cannot hold a picture of " + std::to_string(rgb.cols) + " x " + std::to_string(rgb.rows),
                "parameters");
  return out;
}

}  // namespace dfpipe::augment
