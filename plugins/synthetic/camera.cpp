#include "camera.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace dfpipe::synthetic {
namespace {

const std::array<Camera, 3>& cameras() {
  static const std::array<Camera, 3> all{
      Camera{.name = "plain",
             .blur = {0.5, 0.9},
             .shot = {0.00004, 0.00015},
             .read = {0.001, 0.004},
             .mosaic = false,
             .edge_aware = false,
             .exposure = {1, 1},
             .warmth = {1, 1},
             .vignetting = {},
             .aberration = {},
             .contrast = {},
             .sharpening = {},
             .quality_low = 90,
             .quality_high = 90,
             .clutter = 7},
      Camera{.name = "a",
             .blur = {0.45, 0.75},
             .shot = {0.0001, 0.0007},
             .read = {0.001, 0.004},
             .mosaic = true,
             .edge_aware = true,
             .exposure = {0.85, 1.25},
             .warmth = {0.95, 1.08},
             .vignetting = {0, 0.15},
             .aberration = {0, 0.15},
             .contrast = {0, 0.3},
             .sharpening = {0.2, 0.6},
             .quality_low = 84,
             .quality_high = 96,
             .clutter = 12},
      Camera{.name = "b",
             .blur = {0.6, 1.0},
             .shot = {0.0005, 0.002},
             .read = {0.003, 0.008},
             .mosaic = true,
             .edge_aware = false,
             .exposure = {0.55, 0.95},
             .warmth = {1.02, 1.25},
             .vignetting = {0.1, 0.4},
             .aberration = {0.1, 0.4},
             .contrast = {0.2, 0.6},
             .sharpening = {0.6, 1.2},
             .quality_low = 72,
             .quality_high = 92,
             .clutter = 24},
  };
  return all;
}

/// The colour of light that a sensor with these filters calls white: green sees most.
constexpr double red_gain = 1.9, blue_gain = 1.6;

void shift(cv::Mat& plane, cv::Point2d by) {
  const cv::Mat move = (cv::Mat_<double>(2, 3) << 1, 0, by.x, 0, 1, by.y);
  cv::warpAffine(plane, plane, move, plane.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
}

/// Blur, the colours apart from each other, darker corners.
cv::Mat through_lens(const cv::Mat& canvas, const Exposure& e) {
  cv::Mat seen;
  if (e.blur > 0)
    cv::GaussianBlur(canvas, seen, {}, e.blur);
  else
    canvas.copyTo(seen);
  if (!e.mosaic) return seen;
  std::array<cv::Mat, 3> planes;
  cv::split(seen, planes.data());
  shift(planes[0], e.aberration);
  shift(planes[2], -e.aberration);
  cv::merge(planes.data(), planes.size(), seen);
  for (int y = 0; y < seen.rows; ++y)
    for (int x = 0; x < seen.cols; ++x) {
      const double dx = 2.0 * x / seen.cols - 1 - e.axis.x, dy = 2.0 * y / seen.rows - 1 - e.axis.y;
      seen.at<cv::Vec3f>(y, x) *= static_cast<float>(e.exposure * (1 - e.vignetting * (dx * dx + dy * dy) / 2));
    }
  return seen;
}

float noisy(Random& random, double light, const Exposure& e) {
  const double clean = std::max(light, 0.0);
  if (e.shot == 0 && e.read == 0) return static_cast<float>(clean);
  return std::max(
      static_cast<float>(clean) + static_cast<float>(random.normal() * std::sqrt(e.shot * clean + e.read * e.read)),
      0.0f);
}

/// One colour a pixel with noise (Bayer's pattern), the two others interpolated, white balance. Values above white are
/// cut as a full sensor cuts them.
cv::Mat through_mosaic(Random& random, const cv::Mat& seen, const Exposure& e) {
  const std::array<double, 3> gain{red_gain, 1, blue_gain};
  cv::Mat raw(seen.size(), CV_16U), colours;
  for (int y = 0; y < seen.rows; ++y)
    for (int x = 0; x < seen.cols; ++x) {
      const int row = (y + e.phase / 2) % 2, column = (x + e.phase) % 2;
      const auto colour = static_cast<std::size_t>(row + column);  // rows "red green", "green blue"
      const double light = seen.at<cv::Vec3f>(y, x)[static_cast<int>(colour)] / gain[colour];
      raw.at<std::uint16_t>(y, x) = cv::saturate_cast<std::uint16_t>(65535 * noisy(random, light, e));
    }
  // OpenCV names the pattern by its second row from the second pixel on: "BG" begins with red.
  constexpr std::array<int, 4> bilinear{cv::COLOR_BayerBG2RGB, cv::COLOR_BayerGB2RGB, cv::COLOR_BayerGR2RGB,
                                        cv::COLOR_BayerRG2RGB};
  constexpr std::array<int, 4> edge_aware{cv::COLOR_BayerBG2RGB_EA, cv::COLOR_BayerGB2RGB_EA, cv::COLOR_BayerGR2RGB_EA,
                                          cv::COLOR_BayerRG2RGB_EA};
  const auto phase = static_cast<std::size_t>(e.phase);
  cv::cvtColor(raw, colours, e.edge_aware ? edge_aware[phase] : bilinear[phase]);
  cv::Mat balanced;
  colours.convertTo(balanced, CV_32F, 1 / 65535.0);
  const double warm = std::sqrt(e.warmth);
  cv::multiply(balanced, cv::Scalar(red_gain * warm, 1, blue_gain / warm), balanced);
  return cv::min(balanced, 1);
}

/// Contrast, then sharper edges: value + weight * (value - blurred value), the same for all colours.
void finish(cv::Mat& tones, const Exposure& e) {
  for (int y = 0; y < tones.rows; ++y)
    for (int x = 0; x < tones.cols; ++x)
      for (float& t : tones.at<cv::Vec3f>(y, x).val) t += static_cast<float>(e.contrast) * (t * t * (3 - 2 * t) - t);
  cv::Mat grey, blurred;
  cv::cvtColor(tones, grey, cv::COLOR_RGB2GRAY);
  cv::GaussianBlur(grey, blurred, {}, 1.0);
  for (int y = 0; y < tones.rows; ++y)
    for (int x = 0; x < tones.cols; ++x)
      tones.at<cv::Vec3f>(y, x) +=
          cv::Vec3f::all(static_cast<float>(e.sharpening) * (grey.at<float>(y, x) - blurred.at<float>(y, x)));
}

}  // namespace

const std::vector<std::string>& camera_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Camera& one : cameras()) all.push_back(one.name);
    return all;
  }();
  return names;
}

const Camera& camera(const std::string& name) {
  const auto found = std::ranges::find(cameras(), name, &Camera::name);
  if (found == cameras().end()) throw std::invalid_argument("there is no camera '" + name + "' (plain, a, b)");
  return *found;
}

Exposure random_exposure(Random& random, const Camera& camera) {
  Exposure e{.mosaic = camera.mosaic, .edge_aware = camera.edge_aware};
  e.blur = camera.blur.draw(random);
  e.shot = camera.shot.draw(random);
  e.read = camera.read.draw(random);
  if (!camera.mosaic) return e;
  e.phase = static_cast<int>(random.below(4));
  e.exposure = camera.exposure.draw(random);
  e.warmth = camera.warmth.draw(random);
  e.vignetting = camera.vignetting.draw(random);
  e.contrast = camera.contrast.draw(random);
  e.sharpening = camera.sharpening.draw(random);
  const double apart = camera.aberration.draw(random), direction = random.uniform(0, 2 * CV_PI);
  e.aberration = {apart * std::cos(direction), apart * std::sin(direction)};
  e.axis.x = random.uniform(-0.5, 0.5);
  e.axis.y = random.uniform(-0.5, 0.5);
  return e;
}

Exposure without_noise(Exposure exposure) {
  exposure.shot = exposure.read = 0;
  return exposure;
}

cv::Mat develop(Random& random, const cv::Mat& canvas, const Exposure& exposure) {
  cv::Mat light = through_lens(canvas, exposure);
  if (exposure.mosaic)
    light = through_mosaic(random, light, exposure);
  else
    for (int y = 0; y < light.rows; ++y)
      for (int x = 0; x < light.cols; ++x)
        for (float& value : light.at<cv::Vec3f>(y, x).val) value = noisy(random, value, exposure);
  cv::pow(light, 1 / 2.2, light);
  if (exposure.mosaic) finish(light, exposure);
  cv::Mat picture;
  light.convertTo(picture, CV_8U, 255);
  return picture;
}

cv::Mat photograph(Random& random, const cv::Mat& canvas, const Camera& camera) {
  return develop(random, canvas, random_exposure(random, camera));
}

}  // namespace dfpipe::synthetic
