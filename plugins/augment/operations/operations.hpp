#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <opencv2/core/mat.hpp>
#include <string_view>
#include <vector>

#include "dfpipe/random.hpp"

/// The transforms of training augmentation, by Albumentations' rules. Each is two functions: one draws its parameters,
/// one applies parameters to pixels. So what was drawn can be written down and applied again, and pixels can be
/// compared with the library's for the same parameters (the random streams are not Python's).
///
/// Pixels are [h,w,3] uint8 RGB; what is given is never changed, but the result may be the same handle. Drawn
/// parameters are JSON objects. Applying throws Error "parameters" for such that cannot have been drawn.
namespace dfpipe::augment {

using Json = nlohmann::json;

/// Albumentations 1.x, or 2.x where that differs.
enum class Rules : std::uint8_t { v1, v2 };

struct Range {
  double low = 0, high = 0;
  double draw(Random& random) const { return random.uniform(low, high); }
};

/// {low, …, high}, both ends included.
std::int64_t draw_integer(Random& random, std::int64_t low, std::int64_t high);

cv::Mat horizontal_flip(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// Degrees, counter-clockwise, about the middle of the pixel grid; the size stays.
/// angle, interpolation, border_mode ("reflect_101", "constant"), value
cv::Mat rotate(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// A part of the picture, enlarged or reduced to out_w x out_h. x1, y1, crop_w, crop_h, out_w, out_h, interpolation
Json draw_resized_crop(Random& random, cv::Size picture, Range scale, Range ratio);
cv::Mat random_resized_crop(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// Factors of brightness, contrast and saturation, a shift of hue in turns, and the order of the four (0 to 3).
Json draw_color_jitter(Random& random, Range brightness, Range contrast, Range saturation, Range hue);
cv::Mat color_jitter(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// There and back through a compressed file. quality, image_type (".jpg", ".webp"), channels: "swapped" (the default:
/// red and blue change places in the encoder, as in Albumentations) or "true"
cv::Mat image_compression(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// ksize (odd; 0: from sigma), sigma (0: from ksize)
Json draw_gaussian_blur(Random& random, std::int64_t low, std::int64_t high, Range sigma, Rules rules);
cv::Mat gaussian_blur(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// Reduced and enlarged again. scale, down, up (interpolations)
cv::Mat downscale(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// The original's: reduced, through JPEG (red and blue swapped), enlarged, perhaps blurred. scale, quality, blur_ksize
/// (0: none)
Json draw_social_media(Random& random, Range scale, std::int64_t quality_low, std::int64_t quality_high, double blur_p,
                       const std::vector<std::int64_t>& blur_sizes);
cv::Mat social_media_degradation(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// The original's: what a Gaussian blur takes away, stretched to 0..255, the same in all channels. sigma
cv::Mat high_pass(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// Independent normal noise of standard deviation sigma (of 1.0 = 255), drawn from `seed`. per_channel: its own in each
cv::Mat gaussian_noise(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// A camera's noise at high sensitivity: Poisson in lightness, normal in hue (Albumentations' ISONoise). color_shift,
/// intensity, seed
cv::Mat iso_noise(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// Rectangles filled with one colour. boxes: [[x, y, width, height], …] as shares of the picture, fill: [r, g, b]
Json draw_cut_out(Random& random, std::int64_t fewest, std::int64_t most, Range side);
cv::Mat cut_out(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// Resized again and again, back to its size at the end. steps: [{scale, interpolation}, …], last (interpolation)
Json draw_resize_chain(Random& random, std::int64_t fewest, std::int64_t most, Range scale);
cv::Mat resize_chain(const cv::Mat& rgb, const Json& drawn, Rules rules);

/// A transform by its name in logs.
struct Operation {
  std::string_view name;
  cv::Mat (*apply)(const cv::Mat& rgb, const Json& drawn, Rules rules);
};
const std::vector<Operation>& operations();

/// Throws Error "parameters" for an unknown name as well; the message names the transform.
cv::Mat apply(std::string_view name, const cv::Mat& rgb, const Json& drawn, Rules rules);

}  // namespace dfpipe::augment
