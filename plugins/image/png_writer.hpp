#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

namespace dfpipe::codec {

/// [H,W,3] uint8 RGB, or [H,W] uint8 grey, to a whole PNG file, made for speed: run lengths only, so a little larger
/// than with libpng's own settings and several times faster. May be called from any thread. Throws std::runtime_error.
std::vector<std::uint8_t> encode_png(const cv::Mat& picture);

/// [H,W] uint8 numbers of the palette's 256 RGB colours to a whole PNG file: for maps, a fifth of the same in RGB. May
/// be called from any thread. Throws std::runtime_error.
std::vector<std::uint8_t> encode_palette_png(const cv::Mat& levels, std::span<const cv::Vec3b, 256> palette);

}  // namespace dfpipe::codec
