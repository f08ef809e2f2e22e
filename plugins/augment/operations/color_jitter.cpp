#include <array>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"

namespace dfpipe::augment {
namespace {

using Table = std::array<std::uint8_t, 256>;

/// As a C cast after clamping.
template <typename Real>
std::uint8_t cut(Real value) {
  return static_cast<std::uint8_t>(std::clamp<Real>(value, 0, 255));
}

/// i * factor + offset, cut off; 2.x computes it in float.
Table linear(double factor, double offset, Rules rules) {
  Table table{};
  for (int i = 0; i < 256; ++i)
    table[static_cast<std::size_t>(i)] =
        rules == Rules::v1 ? cut(i * factor + offset)
                           : cut(static_cast<float>(i) * static_cast<float>(factor) + static_cast<float>(offset));
  return table;
}

cv::Mat through(const cv::Mat& rgb, Table table) {
  cv::Mat out;
  cv::LUT(rgb, cv::Mat(1, 256, CV_8U, table.data()), out);
  return out;
}

cv::Mat grey_of(const cv::Mat& rgb) {
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  return grey;
}

cv::Mat brightness(const cv::Mat& rgb, double factor, Rules rules) {
  if (factor == 1) return rgb;
  return through(rgb, linear(factor, 0, rules));
}

cv::Mat contrast(const cv::Mat& rgb, double factor, Rules rules) {
  if (factor == 1) return rgb;
  const double mean = cv::mean(grey_of(rgb))[0];
  if (factor == 0) return cv::Mat(rgb.size(), CV_8UC3, cv::Scalar::all(static_cast<int>(mean + 0.5)));
  return through(rgb, linear(factor, mean * (1 - factor), rules));
}

cv::Mat saturation(const cv::Mat& rgb, double factor) {
  if (factor == 1) return rgb;
  cv::Mat grey;
  cv::cvtColor(grey_of(rgb), grey, cv::COLOR_GRAY2RGB);
  if (factor == 0) return grey;
  cv::Mat out;
  cv::addWeighted(rgb, factor, grey, 1 - factor, 0, out);
  return out;
}

cv::Mat hue(const cv::Mat& rgb, double turns) {
  if (turns == 0) return rgb;
  cv::Mat hsv, out;
  cv::cvtColor(rgb, hsv, cv::COLOR_RGB2HSV);
  std::array<cv::Vec3b, 256> table{};
  for (int i = 0; i < 256; ++i) {
    const double moved = std::fmod(i + 180 * turns, 180.0);
    const auto same = static_cast<std::uint8_t>(i);
    table[static_cast<std::size_t>(i)] = {static_cast<std::uint8_t>(moved < 0 ? moved + 180 : moved), same, same};
  }
  cv::LUT(hsv, cv::Mat(1, 256, CV_8UC3, table.data()), hsv);
  cv::cvtColor(hsv, out, cv::COLOR_HSV2RGB);
  return out;
}

}  // namespace

Json draw_color_jitter(Random& random, Range brightness, Range contrast, Range saturation, Range hue) {
  Json drawn;
  drawn["brightness"] = brightness.draw(random);
  drawn["contrast"] = contrast.draw(random);
  drawn["saturation"] = saturation.draw(random);
  drawn["hue"] = hue.draw(random);
  std::array<int, 4> order{0, 1, 2, 3};
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  drawn["order"] = order;
  return drawn;
}

cv::Mat color_jitter(const cv::Mat& rgb, const Json& drawn, Rules rules) {
  constexpr double most = 100;
  const double b = real_of(drawn, "brightness", 0, most), c = real_of(drawn, "contrast", 0, most);
  const double s = real_of(drawn, "saturation", 0, most), h = real_of(drawn, "hue", -1, 1);
  const auto order = drawn.at("order").get<std::vector<int>>();
  if (std::array<int, 4> all{0, 1, 2, 3}; !std::is_permutation(order.begin(), order.end(), all.begin(), all.end()))
    refuse("order is no order of 0 to 3");
  cv::Mat picture = rgb;
  for (const int step : order) {
    if (step == 0) picture = brightness(picture, b, rules);
    if (step == 1) picture = contrast(picture, c, rules);
    if (step == 2) picture = saturation(picture, s);
    if (step == 3) picture = hue(picture, h);
  }
  return picture;
}

}  // namespace dfpipe::augment
