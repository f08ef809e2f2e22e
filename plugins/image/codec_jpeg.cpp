#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

// jpeglib.h needs the declarations of <cstdio> before it.
#include <jpeglib.h>

#include <jerror.h>

#include "codec.hpp"
#include "dfpipe/error.hpp"
#include "remarks.hpp"

namespace dfpipe::codec {
namespace {

// A progressive file may hold any number of scans, each a pass over the whole picture: a small file could keep a
// thread busy for hours. Real ones have about ten.
constexpr int most_scans = 100;

/// libjpeg's error manager, extended by where to go and what happened. libjpeg is C: the way out is longjmp, and no
/// object with a destructor may live between `guarded` and the call into libjpeg.
struct ErrorManager {
  jpeg_error_mgr base{};  // first: libjpeg's pointer is cast back to this struct
  std::jmp_buf jump{};
  const char* code = "corrupt";
  char message[JMSG_LENGTH_MAX] = {};
  std::vector<std::string>* warnings = nullptr;
};

ErrorManager& manager(j_common_ptr info) { return *reinterpret_cast<ErrorManager*>(info->err); }

[[noreturn]] void leave(j_common_ptr info, const char* code) {
  ErrorManager& errors = manager(info);
  errors.code = code;
  if (errors.message[0] == 0) (*info->err->format_message)(info, errors.message);
  std::longjmp(errors.jump, 1);
}

void on_error(j_common_ptr info) {
  switch (info->err->msg_code) {
    case JERR_IMAGE_TOO_BIG:
      leave(info, "too_large");
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF:
      leave(info, "truncated");
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      leave(info, "unsupported");
    default:
      leave(info, "corrupt");
  }
}

// libjpeg calls damage it can paint over a warning. A picture with a made-up part must not be scored, so warnings that
// touch pixels are errors here; the others are kept for the report.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
      leave(info, "truncated");
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
      leave(info, "corrupt");
    default:
      break;
  }
  std::vector<std::string>* warnings = manager(info).warnings;
  if (warnings == nullptr) return;
  char text[JMSG_LENGTH_MAX];
  (*info->err->format_message)(info, text);
  remark(*warnings, text);
}

/// libjpeg's progress monitor, called at least once for each scan of a file that has several.
struct Progress {
  jpeg_progress_mgr base{};  // first, as above
  unsigned components = 0;   ///< bit i: a scan of component i was there
};

void on_progress(j_common_ptr any) {
  auto* info = reinterpret_cast<j_decompress_ptr>(any);
  auto& progress = *reinterpret_cast<Progress*>(info->progress);
  for (int i = 0; i < info->comps_in_scan; ++i) progress.components |= 1u << info->cur_comp_info[i]->component_index;
  if (info->input_scan_number <= most_scans) return;
  std::snprintf(manager(any).message, sizeof(ErrorManager::message), "more than %d progressive scans", most_scans);
  leave(any, "corrupt");
}

void install(ErrorManager& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_message;
  errors.base.output_message = [](j_common_ptr) {};
}

/// Runs a step of libjpeg; false when it left through the error manager.
template <class Step>
bool guarded(ErrorManager& errors, const Step& step) {
  if (setjmp(errors.jump) != 0) return false;
  step();
  return true;
}

struct Reader {
  jpeg_decompress_struct info{};
  Progress progress;
  ErrorManager errors;

  Reader() { install(errors); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&info); }

  template <class Step>
  void run(const Step& step) {
    if (!guarded(errors, step)) throw Error("JPEG: " + std::string(errors.message), errors.code);
  }
};

void read_header(Reader& reader, ByteView file) {
  jpeg_decompress_struct* info = &reader.info;
  info->err = &reader.errors.base;
  jpeg_create_decompress(info);
  reader.progress.base.progress_monitor = on_progress;
  info->progress = &reader.progress.base;
  jpeg_save_markers(info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_mem_src(info, file.data(), file.size());
  jpeg_read_header(info, TRUE);
}

int orientation_of(const jpeg_decompress_struct& info) {
  for (jpeg_saved_marker_ptr m = info.marker_list; m != nullptr; m = m->next)
    if (m->data_length >= 6 && std::memcmp(m->data, "Exif\0\0", 6) == 0)
      return exif_orientation({m->data, m->data_length});
  return 1;
}

bool four_channels(const jpeg_decompress_struct& info) {
  return info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
}

// Adobe's programs store ink inverted and say so with their marker; then c and k are already 255 minus ink.
// R = (255 - C)(255 - K) / 255, rounded.
void ink_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, unsigned width, bool inverted) {
  const unsigned flip = inverted ? 0 : 255;
  for (unsigned x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const unsigned k = cmyk[3] ^ flip;
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(((cmyk[c] ^ flip) * k + 127) / 255);
  }
}

/// What no scan has brought libjpeg paints grey, without a word. A component that is not there at all is a missing
/// part; of one that is there only details can be.
void check_scans(jpeg_decompress_struct* info) {
  if (!jpeg_has_multiple_scans(info)) return;
  auto* const any = reinterpret_cast<j_common_ptr>(info);
  const unsigned components = reinterpret_cast<Progress*>(info->progress)->components;
  bool complete = true;
  for (int c = 0; c < info->num_components; ++c) {
    // Per coefficient the bits that are still to come, -1 before the first scan; [0] is the mean of a block.
    const int* bits = info->coef_bits != nullptr ? info->coef_bits[c] : nullptr;
    if ((components >> c & 1) == 0 || (bits != nullptr && bits[0] < 0)) {
      std::snprintf(manager(any).message, sizeof(ErrorManager::message), "the scans of colour component %d are missing",
                    c + 1);
      leave(any, "truncated");
    }
    if (bits != nullptr) complete = complete && std::all_of(bits, bits + DCTSIZE2, [](int b) { return b == 0; });
  }
  if (!complete) remark(*manager(any).warnings, "scans are missing: fine detail may be");
}

void read_pixels(jpeg_decompress_struct* info, std::uint8_t* pixels, std::size_t step, std::uint8_t* ink) {
  info->out_color_space = ink ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(info);
  check_scans(info);
  while (info->output_scanline < info->output_height) {
    std::uint8_t* rgb = pixels + info->output_scanline * step;
    JSAMPROW row = ink ? ink : rgb;
    if (jpeg_read_scanlines(info, &row, 1) == 1 && ink)
      ink_to_rgb(ink, rgb, info->output_width, info->saw_Adobe_marker != 0);
  }
  // Reads on to the end mark: a file without one is cut, even if the last row happens to be whole.
  jpeg_finish_decompress(info);
}

struct Writer {
  jpeg_compress_struct info{};
  ErrorManager errors;
  unsigned char* buffer = nullptr;
  unsigned long size = 0;

  Writer() { install(errors); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    jpeg_destroy_compress(&info);
    std::free(buffer);
  }
};

void write_all(Writer& writer, const std::uint8_t* pixels, std::size_t step, int width, int height, int quality) {
  jpeg_compress_struct* info = &writer.info;
  info->err = &writer.errors.base;
  jpeg_create_compress(info);
  jpeg_mem_dest(info, &writer.buffer, &writer.size);
  info->image_width = static_cast<JDIMENSION>(width);
  info->image_height = static_cast<JDIMENSION>(height);
  info->input_components = 3;
  info->in_color_space = JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  jpeg_start_compress(info, TRUE);
  while (info->next_scanline < info->image_height) {
    auto* row = const_cast<JSAMPROW>(pixels + info->next_scanline * step);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
}

}  // namespace

Decoded decode_jpeg(ByteView file, std::int64_t max_pixels) {
  Decoded out;
  out.format = Format::jpeg;
  Reader reader;
  reader.errors.warnings = &out.warnings;
  reader.run([&] { read_header(reader, file); });

  const jpeg_decompress_struct& info = reader.info;
  check_size(info.image_width, info.image_height, max_pixels);
  if (info.num_components == 2 || info.jpeg_color_space == JCS_UNKNOWN)
    throw Error("JPEG: " + std::to_string(info.num_components) + " colour components of unknown meaning",
                "unsupported");
  out.orientation = orientation_of(info);
  out.pixels.create(static_cast<int>(info.image_height), static_cast<int>(info.image_width), CV_8UC3);
  std::vector<std::uint8_t> ink(four_channels(info) ? std::size_t{4} * info.image_width : 0);
  std::uint8_t* const ink_row = ink.empty() ? nullptr : ink.data();
  reader.run([&] { read_pixels(&reader.info, out.pixels.data, out.pixels.step, ink_row); });
  return out;
}

std::vector<std::uint8_t> encode_jpeg(const cv::Mat& rgb, int quality) {
  if (rgb.empty() || rgb.type() != CV_8UC3) throw std::runtime_error("JPEG: 3 channels of uint8 are wanted");
  Writer writer;
  if (!guarded(writer.errors, [&] { write_all(writer, rgb.data, rgb.step, rgb.cols, rgb.rows, quality); }))
    throw std::runtime_error("JPEG: " + std::string(writer.errors.message));
  return {writer.buffer, writer.buffer + writer.size};
}

}  // namespace dfpipe::codec
