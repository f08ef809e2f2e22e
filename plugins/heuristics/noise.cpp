#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "measuring.hpp"

namespace dfpipe::heuristics {
namespace {

/// Immerkaer's mask (Computer Vision and Image Understanding 64(2), 1996): zero on planes and straight edges, largest
/// on what changes from pixel to pixel in both directions. Unlike a median's residual it keeps a checkerboard; unlike
/// non-local means it is cheap. Taken on the picture's own pixels: resampling has noise and patterns of its own.
const cv::Matx33f mask(1, -2, 1, -2, 4, -2, 1, -2, 1);

/// sigma of Gaussian noise from the mean absolute response of the mask.
const double to_sigma = std::sqrt(std::numbers::pi / 2) / 6;
constexpr double least_sigma = 0.1;  // grey levels; below it rounding and compression decide
constexpr int most_blocks_a_side = 20;

/// Noise of one block in grey levels. `grey` starts one pixel left and above of it.
double block_sigma(const cv::Mat& grey) {
  int sum = 0;
  for (int y = 1; y + 1 < grey.rows; ++y) {
    const std::uint8_t *up = grey.ptr(y - 1), *here = grey.ptr(y), *down = grey.ptr(y + 1);
    for (int x = 1; x + 1 < grey.cols; ++x)
      sum += std::abs(up[x - 1] - 2 * up[x] + up[x + 1] - 2 * here[x - 1] + 4 * here[x] - 2 * here[x + 1] +
                      down[x - 1] - 2 * down[x] + down[x + 1]);
  }
  return to_sigma * sum / ((grey.rows - 2) * (grey.cols - 2));
}

double lower_quartile(std::vector<double> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 4);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

struct Blocks {
  std::vector<double> face, around;
};

/// The noise of blocks in the face and around it, as far as the frame reaches; of a large face a part of them.
Blocks blocks(const AlignedFace& face) {
  const Similarity& to_frame = face.alignment.to_frame;
  const Similarity to_picture = to_frame.inverse();
  const double half = frame_side / 2.0 * to_picture.scale();
  const cv::Point2d centre = to_picture({frame_middle, frame_middle});
  const int side = half < 96 ? 8 : 16;
  const double step = std::max<double>(side, 2 * half / most_blocks_a_side);
  const cv::Rect inner(1, 1, face.picture.cols - 2, face.picture.rows - 2);
  Blocks result;
  cv::Mat grey;
  for (double y = centre.y - half; y + side <= centre.y + half; y += step)
    for (double x = centre.x - half; x + side <= centre.x + half; x += step) {
      const cv::Rect area(static_cast<int>(std::floor(x)), static_cast<int>(std::floor(y)), side, side);
      if ((area & inner) != area) continue;
      const cv::Point place(to_frame(cv::Point2d(area.x + side / 2.0, area.y + side / 2.0)));
      if (!cv::Rect(0, 0, frame_side, frame_side).contains(place)) continue;
      const float distance = face.distance.at<float>(place);
      if (distance > -6 && distance < 8) continue;
      cv::cvtColor(face.picture(area + cv::Size(2, 2) - cv::Point(1, 1)), grey, cv::COLOR_RGB2GRAY);
      (distance < 0 ? result.face : result.around).push_back(block_sigma(grey));
    }
  return result;
}

/// The largest of 256, 128 and 64 squared that fits into the face's width and the picture, around the face's middle.
cv::Rect window(const AlignedFace& face) {
  const cv::Size size = face.picture.size();
  const cv::Point2d centre = face.alignment.to_frame.inverse()({frame_middle, 150});
  for (const int side : {256, 128, 64}) {
    if (side > 1.1 * face.alignment.face_width || side > size.width || side > size.height) continue;
    return {static_cast<int>(std::clamp(centre.x - side / 2.0, 0.0, size.width - side * 1.0)),
            static_cast<int>(std::clamp(centre.y - side / 2.0, 0.0, size.height - side * 1.0)), side, side};
  }
  return {};
}

const cv::Mat& hann(int side) {
  static const auto make = [](int n) {
    cv::Mat window;
    cv::createHanningWindow(window, {n, n}, CV_32F);
    return window;
  };
  static const cv::Mat large = make(256), middle = make(128), small = make(64);
  return side == 256 ? large : side == 128 ? middle : small;
}

/// The strongest frequency's power over the geometric mean of the 9x9 around it, over what the strongest of as many
/// exponentially distributed powers has on average (log n), in decades. Frequencies near the axes are left out: that is
/// where straight edges and the borders of JPEG's blocks are; their crossings stay, because that is where
/// transposed convolutions leave their pattern (Odena et al., Distill 2016). `residual`: [n,n] float.
std::optional<double> pattern_height(const cv::Mat& residual) {
  cv::Mat spectrum, parts[2], power, around;
  cv::dft(residual.mul(hann(residual.rows)), spectrum, cv::DFT_COMPLEX_OUTPUT);
  const int n = residual.rows, half = n / 2, margin = n / 16;
  cv::split(spectrum.colRange(margin, half + 1), parts);
  power = parts[0].mul(parts[0]) + parts[1].mul(parts[1]);
  // Rounding to 8 bits alone gives each frequency more than this on average.
  if (cv::mean(power)[0] < 1) return std::nullopt;
  cv::log(power + 1e-3, power);
  const cv::Mat rows = power.rowRange(margin, n - margin + 1);
  cv::boxFilter(rows, around, CV_32F, {9, 9}, {-1, -1}, true, cv::BORDER_REFLECT_101 | cv::BORDER_ISOLATED);
  double highest = 0;
  cv::minMaxLoc(rows - around, nullptr, &highest);
  return (highest - std::log(std::log(static_cast<double>(rows.total())))) / std::numbers::ln10;
}

/// Correlation of two residuals; empty where one is zero.
std::optional<double> correlation(const cv::Mat& one, const cv::Mat& other) {
  const double a = one.dot(one), b = other.dot(other);
  if (!(a > 0 && b > 0)) return std::nullopt;
  return one.dot(other) / std::sqrt(a * b);
}

cv::Mat residual_of(const cv::Mat& channel) {
  cv::Mat out;
  cv::filter2D(channel, out, CV_32F, mask, {-1, -1}, 0, cv::BORDER_REFLECT_101 | cv::BORDER_ISOLATED);
  return out;
}

}  // namespace

Raw noise(const AlignedFace& face) {
  const double placed = face.alignment.anchor == Anchor::box ? 0.8 : 1;
  Raw raw{{std::nullopt, std::nullopt, std::nullopt}, placed * face.size_validity(128), ""};
  if (const cv::Rect area = window(face); !area.empty()) {
    cv::Mat grey, red, green;
    const cv::Mat rgb = face.picture(area);
    cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
    cv::extractChannel(rgb, red, 0);
    cv::extractChannel(rgb, green, 1);
    raw.parts[0] = pattern_height(residual_of(grey));
    raw.parts[2] = correlation(residual_of(red), residual_of(green));
  }
  const auto [inside, around] = blocks(face);
  constexpr std::size_t enough = 12;
  if (inside.size() >= enough && around.size() >= enough) {
    const double face_sigma = lower_quartile(inside), around_sigma = lower_quartile(around);
    if (std::max(face_sigma, around_sigma) > least_sigma)
      raw.parts[1] = std::log2((face_sigma + least_sigma) / (around_sigma + least_sigma));
  }
  if (!raw.parts[0] && !raw.parts[1]) return {{}, 0, "no noise to measure: the face is small or painted evenly"};
  if (std::max(face.picture.cols, face.picture.rows) < 200) {
    raw.validity = 0;
    raw.doubt = "the picture is small";
  } else if (raw.validity < 0.5) {
    raw.doubt = "the face is small";
  }
  return raw;
}

}  // namespace dfpipe::heuristics
