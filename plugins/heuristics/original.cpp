#include "original.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "log_magnitude.hpp"
#include "mesh_points.hpp"

namespace dfpipe::heuristics::original {
namespace {

// Outer and inner eye corners, then three points of the brows, subject's right first.
constexpr std::array<std::pair<std::size_t, std::size_t>, 5> mirror_pairs{
    {{33, 263}, {133, 362}, {70, 300}, {105, 334}, {107, 336}}};
constexpr std::array<std::size_t, 9> right_eye{33, 7, 163, 144, 145, 153, 154, 155, 133};
constexpr std::array<std::size_t, 9> left_eye{362, 382, 381, 380, 374, 373, 390, 249, 263};

cv::Point middle(const cv::Mat& m) { return {m.cols / 2, m.rows / 2}; }

double deviation(const cv::Mat& values, cv::InputArray mask = cv::noArray()) {
  cv::Scalar mean, std;
  cv::meanStdDev(values, mean, std, mask);
  return std[0];
}

/// The box of the truncated points, clamped; right and bottom exclusive.
cv::Rect eye_box(std::span<const cv::Point3f> landmarks, const std::array<std::size_t, 9>& eye, cv::Size picture) {
  cv::Point low(picture), high(0, 0);
  for (const std::size_t i : eye) {
    // Clamped before the conversion, so that a wild coordinate stays a number; truncation commutes with it.
    const cv::Point point(static_cast<int>(std::clamp(landmarks[i].x, 0.0f, static_cast<float>(picture.width))),
                          static_cast<int>(std::clamp(landmarks[i].y, 0.0f, static_cast<float>(picture.height))));
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y)};
  }
  if (high.x <= low.x || high.y <= low.y) return {};
  return {low, high};
}

cv::Mat eye_histogram(const cv::Mat& rgb) {
  cv::Mat grey, resized, histogram;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  cv::resize(grey, resized, {32, 16}, 0, 0, cv::INTER_LINEAR);
  cv::calcHist(std::vector<cv::Mat>{resized}, {0}, {}, histogram, {32}, {0, 256});
  return histogram;
}

/// Sum of ln(1 + x): logarithms of products, as many as a double holds (x is at most 255 times 2^30 pixels).
double sum_of_log1p(std::span<const double> values) {
  constexpr std::size_t chains = 4, factors = 24;
  double sum = 0;
  for (std::size_t first = 0; first < values.size(); first += chains * factors) {
    const auto block = values.subspan(first, std::min(chains * factors, values.size() - first));
    std::array<double, chains> products{1, 1, 1, 1};
    std::size_t i = 0;
    for (; i + chains <= block.size(); i += chains)
      for (std::size_t chain = 0; chain < chains; ++chain) products[chain] *= 1 + block[i + chain];
    for (; i < block.size(); ++i) sum += std::log1p(block[i]);
    for (const double product : products) sum += std::log(product);
  }
  return sum;
}

/// How far a filled circle reaches to the right of its middle, for each of its rows.
std::vector<int> disc_reach(int radius) {
  cv::Mat disc(2 * radius + 1, 2 * radius + 1, CV_8U, cv::Scalar(0));
  cv::circle(disc, {radius, radius}, radius, 255, cv::FILLED);
  std::vector<int> reach;
  for (int y = 0; y < disc.rows; ++y) reach.push_back(cv::countNonZero(disc.row(y).colRange(radius, disc.cols)) - 1);
  return reach;
}

}  // namespace

std::optional<double> texture(const cv::Mat& grey) {
  const int h = grey.rows, w = grey.cols;
  // In double: a smooth picture's faint frequencies drown in the rounding of a strong one, and the measure adds them
  // up.
  spectrum::HalfMagnitude<double> magnitude(h, w);
  for (int y = 0; y < h; ++y) std::copy_n(grey.ptr(y), w, magnitude.pixels(y));
  magnitude.transform();
  /// Over columns [0, last] of row u and their mirrors: all but the first column, and of an even width the one in the
  /// middle, stand for two.
  const auto row_sum = [&](int u, int last) {
    const std::span row(magnitude.row(u), static_cast<std::size_t>(last) + 1);
    const std::size_t alone = last > 0 && 2 * last == w ? 1 : 0;
    double sum = std::log1p(row.front()) + 2 * sum_of_log1p(row.subspan(1, row.size() - 1 - alone));
    if (alone == 1) sum += std::log1p(row.back());
    return sum;
  };
  double total = 0;
  for (int u = 0; u < h; ++u) total += row_sum(u, w / 2);
  if (!(total > 0)) return std::nullopt;

  // The disc is drawn around the middle of the shifted spectrum; here zero frequency is at 0, 0.
  const int radius = std::min(h / 2, w / 2) / 3;
  double low = 0;
  const std::vector<int> reach = disc_reach(radius);
  for (int y = -radius; y <= radius; ++y) low += row_sum((y + h) % h, reach[static_cast<std::size_t>(y + radius)]);
  return std::min((total - low) / total * 130, 100.0);
}

std::optional<double> edge_natural(const cv::Mat& grey) {
  const int outer = std::min(grey.cols, grey.rows) / 2, inner = static_cast<int>(0.75 * outer);
  cv::Mat ring(grey.size(), CV_8U, cv::Scalar(0));
  cv::circle(ring, middle(grey), outer, 255, cv::FILLED);
  cv::circle(ring, middle(grey), inner, 0, cv::FILLED);
  if (cv::countNonZero(ring) == 0) return std::nullopt;
  cv::Mat laplacian;
  cv::Laplacian(grey, laplacian, CV_16S, 1, 1, 0, cv::BORDER_REFLECT_101 | cv::BORDER_ISOLATED);
  const double std = deviation(laplacian, ring);
  return std::min(std * std / 20, 100.0);
}

std::optional<double> color_consistency(const cv::Mat& rgb) {
  const int half = rgb.cols / 2;
  if (half == 0) return std::nullopt;
  const cv::Scalar difference = cv::mean(rgb.colRange(0, half)) - cv::mean(rgb.colRange(half, rgb.cols));
  return std::max(0.0, 100 - 2 * (std::abs(difference[0]) + std::abs(difference[1]) + std::abs(difference[2])) / 3);
}

std::optional<double> noise_natural(const cv::Mat& grey) {
  const cv::Point half = middle(grey);
  if (half.x == 0 || half.y == 0) return std::nullopt;
  cv::Mat blurred, noise;
  cv::GaussianBlur(grey, blurred, {5, 5}, 0, 0, cv::BORDER_REFLECT_101 | cv::BORDER_ISOLATED);
  cv::subtract(grey, blurred, noise, cv::noArray(), CV_16S);
  std::vector<double> quadrants;
  for (const cv::Range& rows : {cv::Range(0, half.y), cv::Range(half.y, grey.rows)})
    for (const cv::Range& columns : {cv::Range(0, half.x), cv::Range(half.x, grey.cols)})
      quadrants.push_back(deviation(noise(rows, columns)));
  return 0.6 * std::min(10 * deviation(noise), 100.0) + 0.4 * std::min(50 * deviation(cv::Mat(quadrants)), 100.0);
}

std::optional<double> symmetry(std::span<const cv::Point3f> landmarks) {
  if (landmarks.size() != mesh::count) return std::nullopt;
  const double nose = landmarks[mesh::nose_tip].x;
  double sum = 0;
  int pairs = 0;
  for (const auto& [one, other] : mirror_pairs) {
    const double l = std::abs(landmarks[one].x - nose), r = std::abs(landmarks[other].x - nose);
    if (!(std::max(l, r) > 0)) continue;
    sum += std::abs(l - r) / std::max(l, r);
    ++pairs;
  }
  if (pairs == 0) return std::nullopt;
  return 100 * (1 - sum / pairs);
}

std::optional<double> eye_consistency(const cv::Mat& rgb, std::span<const cv::Point3f> landmarks) {
  if (landmarks.size() != mesh::count) return std::nullopt;
  const cv::Rect right = eye_box(landmarks, right_eye, rgb.size()), left = eye_box(landmarks, left_eye, rgb.size());
  if (right.empty() || left.empty()) return std::nullopt;
  const double correlation = cv::compareHist(eye_histogram(rgb(right)), eye_histogram(rgb(left)), cv::HISTCMP_CORREL);
  return std::max(0.0, correlation) * 100;
}

double rounded(const std::string& measure, double value) {
  if (measure != "symmetry" && measure != "eye_consistency") return std::nearbyint(value * 10) / 10;
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1);
  double result = value;
  if (error == std::errc()) std::from_chars(text.data(), end, result);
  return result;
}

Measures measure(const Face& face, const cv::Mat& picture) {
  const cv::Mat& rgb = face.crop.pixels;
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  const bool landmarks = face.landmarks.size() == mesh::count;

  Measures result;
  const auto add = [&](const char* name, std::optional<double> value, const char* why_not) {
    Measure one{.name = name, .value = {}, .score = {}, .validity = {}, .note = value ? "" : why_not};
    if (value) one.value = rounded(name, *value);
    result.all.push_back(std::move(one));
  };
  const char* const without = "needs landmarks";
  const char* const small = "the crop is too small";
  add("symmetry", symmetry(face.landmarks), landmarks ? "the landmarks lie on one line" : without);
  add("eye_consistency", eye_consistency(picture, face.landmarks), landmarks ? "an eye has no area" : without);
  add("texture", texture(grey), "the crop is black");
  add("edge_natural", edge_natural(grey), small);
  add("color_consistency", color_consistency(rgb), small);
  add("noise_natural", noise_natural(grey), small);
  return result;
}

}  // namespace dfpipe::heuristics::original
