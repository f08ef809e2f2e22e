#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "codec.hpp"
#include "dfpipe/error.hpp"

namespace dfpipe::codec {
namespace {

[[noreturn]] void fail(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      throw Error("WebP: the file ends early", "truncated");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      throw Error("WebP: a feature that libwebp does not decode", "unsupported");
    case VP8_STATUS_OUT_OF_MEMORY:
      throw std::bad_alloc();
    default:
      throw Error("WebP: the bit stream is damaged", "corrupt");
  }
}

void check_length(ByteView file) {
  if (file.size() < 12) throw Error("WebP: the file ends inside its header", "truncated");
  const std::uint64_t told = 8 + (file[4] | file[5] << 8 | file[6] << 16 | static_cast<std::uint64_t>(file[7]) << 24);
  // Some writers leave out the padding byte at the very end.
  if (told > file.size() + 1)
    throw Error("WebP: " + std::to_string(file.size()) + " bytes of " + std::to_string(told), "truncated");
}

struct DemuxDelete {
  void operator()(WebPDemuxer* d) const { WebPDemuxDelete(d); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DemuxDelete>;

int orientation_of(WebPDemuxer* demuxer) {
  WebPChunkIterator chunk;
  int orientation = 1;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk))
    orientation = exif_orientation({chunk.chunk.bytes, chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

void decode_into(ByteView stream, cv::Mat target) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) throw std::runtime_error("libwebp: another version than compiled for");
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = target.data;
  config.output.u.RGBA.stride = static_cast<int>(target.step);
  config.output.u.RGBA.size = target.step * static_cast<std::size_t>(target.rows - 1) + target.cols * target.elemSize();
  const VP8StatusCode status = WebPDecode(stream.data(), stream.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) fail(status);
}

// The first frame as it is stored, black where it does not cover the canvas: blending would change pixels under alpha.
void decode_first_frame(WebPDemuxer* demuxer, cv::Mat& canvas) {
  WebPIterator frame;
  if (!WebPDemuxGetFrame(demuxer, 1, &frame)) throw Error("WebP: an animation without frames", "corrupt");
  struct Release {
    WebPIterator* it;
    ~Release() { WebPDemuxReleaseIterator(it); }
  } release{&frame};
  const cv::Rect place(frame.x_offset, frame.y_offset, frame.width, frame.height);
  if ((place & cv::Rect(0, 0, canvas.cols, canvas.rows)) != place || place.empty())
    throw Error("WebP: a frame outside the canvas", "corrupt");
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(frame.fragment.bytes, frame.fragment.size, &features);
  if (status != VP8_STATUS_OK) fail(status);
  if (features.width != place.width || features.height != place.height)
    throw Error("WebP: a frame of another size than announced", "corrupt");
  canvas.setTo(0);
  decode_into({frame.fragment.bytes, frame.fragment.size}, canvas(place));
}

}  // namespace

Decoded decode_webp(ByteView file, std::int64_t max_pixels) {
  check_length(file);
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(file.data(), file.size(), &features);
  if (status != VP8_STATUS_OK) fail(status);
  check_size(features.width, features.height, max_pixels);

  Decoded out;
  out.format = Format::webp;
  out.pixels.create(features.height, features.width, CV_8UC3);
  const WebPData data{file.data(), file.size()};
  const Demuxer demuxer(WebPDemux(&data));
  if (features.has_animation) {
    if (!demuxer) throw Error("WebP: the animation's chunks are damaged", "corrupt");
    decode_first_frame(demuxer.get(), out.pixels);
  } else {
    decode_into(file, out.pixels);
  }
  if (demuxer) out.orientation = orientation_of(demuxer.get());
  return out;
}

}  // namespace dfpipe::codec
