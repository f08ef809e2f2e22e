#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"

namespace dfpipe::augment {
namespace {

std::uint64_t seed_of(const Json& drawn) { return drawn.at("seed").get<std::uint64_t>(); }

std::uint8_t rounded(double value) { return static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0)); }

/// Knuth's product method below 30, the normal approximation above, where it errs by less than the noise of a level.
double poisson(Random& random, double mean) {
  if (mean > 30) return std::max(0.0, std::nearbyint(mean + std::sqrt(mean) * random.normal()));
  const double limit = std::exp(-mean);
  double product = random.uniform();
  int count = 0;
  while (product > limit) {
    product *= random.uniform();
    ++count;
  }
  return count;
}

}  // namespace

cv::Mat gaussian_noise(const cv::Mat& rgb, const Json& drawn, Rules) {
  const double sigma = 255 * real_of(drawn, "sigma", 0, 1);
  const bool each = drawn.at("per_channel").get<bool>();
  Random random(seed_of(drawn));
  cv::Mat out(rgb.size(), CV_8UC3);
  for (int y = 0; y < rgb.rows; ++y)
    for (int x = 0; x < rgb.cols; ++x) {
      const cv::Vec3b& from = rgb.at<cv::Vec3b>(y, x);
      double noise = sigma * random.normal();
      for (int c = 0; c < 3; ++c) {
        if (each && c > 0) noise = sigma * random.normal();
        out.at<cv::Vec3b>(y, x)[c] = rounded(from[c] + noise);
      }
    }
  return out;
}

cv::Mat iso_noise(const cv::Mat& rgb, const Json& drawn, Rules) {
  const double shift = real_of(drawn, "color_shift", 0, 1), intensity = real_of(drawn, "intensity", 0, 2);
  Random random(seed_of(drawn));
  cv::Mat picture, hls;
  rgb.convertTo(picture, CV_32F, 1.0 / 255);
  cv::cvtColor(picture, hls, cv::COLOR_RGB2HLS);
  cv::Scalar mean, deviation;
  cv::meanStdDev(hls, mean, deviation);
  const double brightness = deviation[1] * intensity * 255, hue = shift * 360 * intensity;
  for (int y = 0; y < hls.rows; ++y)
    for (int x = 0; x < hls.cols; ++x) {
      auto& pixel = hls.at<cv::Vec3f>(y, x);
      const double turned = std::fmod(pixel[0] + hue * random.normal(), 360.0);
      pixel[0] = static_cast<float>(turned < 0 ? turned + 360 : turned);
      pixel[1] += static_cast<float>(poisson(random, brightness) / 255 * (1 - static_cast<double>(pixel[1])));
    }
  cv::cvtColor(hls, picture, cv::COLOR_HLS2RGB);
  cv::Mat out(rgb.size(), CV_8UC3);
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < 3 * out.cols; ++x)
      out.ptr(y)[x] = static_cast<std::uint8_t>(std::clamp(picture.ptr<float>(y)[x], 0.0f, 1.0f) * 255.0f);
  return out;
}

}  // namespace dfpipe::augment
