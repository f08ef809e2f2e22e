#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace dfpipe::codec {

/// [H,W,3] uint8 RGB to a whole PNG file, made for speed: a tenth larger than with libpng's own settings, in a seventh
/// of the time. May be called from any thread. Throws std::runtime_error.
std::vector<std::uint8_t> encode_png(const cv::Mat& rgb);

}  // namespace dfpipe::codec
