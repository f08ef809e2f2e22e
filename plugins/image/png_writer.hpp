#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace dfpipe::codec {

/// [H,W,3] uint8 RGB to a whole PNG file, made for speed: run lengths only, so a little larger than with libpng's own
/// settings and several times faster. May be called from any thread. Throws std::runtime_error.
std::vector<std::uint8_t> encode_png(const cv::Mat& rgb);

}  // namespace dfpipe::codec
