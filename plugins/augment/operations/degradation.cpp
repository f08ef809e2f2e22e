#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"
#include "round_trip.hpp"

namespace dfpipe::augment {
namespace {

Channels channels_of(const Json& drawn) {
  const std::string name = drawn.value("channels", "swapped");
  if (name != "swapped" && name != "true") refuse("channels is '" + name + "'");
  return name == "true" ? Channels::as_they_are : Channels::swapped;
}

/// Bytes as values in [0,1], divided in float.
cv::Mat as_floats(const cv::Mat& rgb) {
  std::array<float, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>(i) / 255.0f;
  cv::Mat out;
  cv::LUT(rgb, cv::Mat(1, 256, CV_32F, table.data()), out);
  return out;
}

/// A picture with values in [0,1] as bytes, cut off: 1.x loses a third of a level on average here.
cv::Mat cut_to_bytes(const cv::Mat& picture) {
  cv::Mat out(picture.size(), CV_8UC3);
  for (int y = 0; y < picture.rows; ++y) {
    const auto* const from = picture.ptr<float>(y);
    auto* const to = out.ptr(y);
    for (int x = 0; x < 3 * picture.cols; ++x)
      to[x] = static_cast<std::uint8_t>(std::clamp(from[x], 0.0f, 1.0f) * 255.0f);
  }
  return out;
}

}  // namespace

cv::Mat image_compression(const cv::Mat& rgb, const Json& drawn, Rules) {
  const int quality = integer_of(drawn, "quality", 0, 100);
  const std::string type = text_of(drawn, "image_type");
  const Channels channels = channels_of(drawn);
  if (type == ".jpg") return through_jpeg(rgb, std::max(quality, 1), channels);
  if (type == ".webp") return through_webp(rgb, quality, channels);
  refuse("image_type is '" + type + "'");
}

cv::Mat downscale(const cv::Mat& rgb, const Json& drawn, Rules rules) {
  const double scale = real_of(drawn, "scale", 1e-3, 1);
  const int down = interpolation_of(drawn, "down"), up = interpolation_of(drawn, "up");
  const bool in_float = rules == Rules::v1 && (down != cv::INTER_NEAREST || up != cv::INTER_NEAREST);
  cv::Mat picture = rgb, small, out;
  if (in_float) picture = as_floats(rgb);
  // With the scale, not with a size: OpenCV then maps coordinates by it, although it rounds the size.
  if (std::min(cvRound(rgb.cols * scale), cvRound(rgb.rows * scale)) > 0)
    cv::resize(picture, small, {}, scale, scale, down);
  else
    cv::resize(picture, small, {std::max(1, cvRound(rgb.cols * scale)), std::max(1, cvRound(rgb.rows * scale))}, 0, 0,
               down);
  cv::resize(small, out, rgb.size(), 0, 0, up);
  return in_float ? cut_to_bytes(out) : out;
}

Json draw_social_media(Random& random, Range scale, std::int64_t quality_low, std::int64_t quality_high, double blur_p,
                       const std::vector<std::int64_t>& blur_sizes) {
  Json drawn;
  drawn["scale"] = scale.draw(random);
  drawn["quality"] = draw_integer(random, quality_low, quality_high);
  drawn["blur_ksize"] = 0;
  if (!blur_sizes.empty() && random.uniform() < blur_p)
    drawn["blur_ksize"] = blur_sizes[random.below(blur_sizes.size())];
  return drawn;
}

cv::Mat social_media_degradation(const cv::Mat& rgb, const Json& drawn, Rules) {
  const double scale = real_of(drawn, "scale", 1e-3, 1);
  const int quality = integer_of(drawn, "quality", 1, 100), blur = integer_of(drawn, "blur_ksize", 0, 99);
  if (blur != 0 && blur % 2 == 0) refuse("blur_ksize is even");
  const auto side = [&](int of) { return std::max(1, static_cast<int>(of * scale)); };
  cv::Mat small, out;
  cv::resize(rgb, small, {side(rgb.cols), side(rgb.rows)}, 0, 0, cv::INTER_AREA);
  cv::resize(through_jpeg(small, quality, Channels::swapped), out, rgb.size(), 0, 0, cv::INTER_LINEAR);
  if (blur > 0) cv::GaussianBlur(out, out, {blur, blur}, 0);
  return out;
}

cv::Mat high_pass(const cv::Mat& rgb, const Json& drawn, Rules) {
  const double sigma = real_of(drawn, "sigma", 0.1, 30);
  cv::Mat bytes, grey, rest;
  cv::cvtColor(rgb, bytes, cv::COLOR_RGB2GRAY);
  bytes.convertTo(grey, CV_32F);
  cv::GaussianBlur(grey, rest, {}, sigma);
  rest = grey - rest;
  double least = 0, most = 0;
  cv::minMaxLoc(rest, &least, &most);
  // The reference subtracts, then asks for the largest again, all in float.
  const auto low = static_cast<float>(least), high = static_cast<float>(most) - low;
  cv::Mat out(rgb.size(), CV_8UC3, cv::Scalar::all(0));
  if (!(high > 0)) return out;
  for (int y = 0; y < rgb.rows; ++y) {
    const auto* const from = rest.ptr<float>(y);
    auto* const to = out.ptr<cv::Vec3b>(y);
    for (int x = 0; x < rgb.cols; ++x)
      to[x] = cv::Vec3b::all(static_cast<std::uint8_t>((from[x] - low) / high * 255.0f));
  }
  return out;
}

}  // namespace dfpipe::augment
