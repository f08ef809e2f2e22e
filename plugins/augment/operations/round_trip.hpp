#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>

namespace dfpipe::augment {

/// Albumentations hands its RGB pixels to an encoder that takes them for BGR, so red and blue play each other's part in
/// the conversion to YCbCr: `swapped` does the same.
enum class Channels : std::uint8_t { swapped, as_they_are };

/// [h,w,3] uint8 through a baseline JPEG of 4:2:0 and back, islow DCT, smooth upsampling: libjpeg's own defaults.
/// `quality` 1..100.
cv::Mat through_jpeg(const cv::Mat& rgb, int quality, Channels channels);

/// The same through lossy WebP, `quality` 0..100. Sides up to 16383.
cv::Mat through_webp(const cv::Mat& rgb, int quality, Channels channels);

}  // namespace dfpipe::augment
