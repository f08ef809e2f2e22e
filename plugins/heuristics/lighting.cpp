#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "measuring.hpp"

namespace dfpipe::heuristics {
namespace {

constexpr int block = 8;  // of the frame
constexpr double centre_y = 143, half_width = 78, half_height = 100;

/// Mean brightness of a block of skin, and the normal there of an ellipsoid in the face's place.
struct Sample {
  double x, y, z, brightness;
};

std::vector<Sample> samples(const AlignedFace& face) {
  std::vector<Sample> all;
  for (int y = 0; y < frame_side; y += block)
    for (int x = 0; x < frame_side; x += block) {
      const cv::Rect area(x, y, block, block);
      if (2 * cv::countNonZero(face.skin(area)) < block * block) continue;
      const double nx = (x + (block - 1) / 2.0 - frame_middle) / half_width;
      const double ny = (y + (block - 1) / 2.0 - centre_y) / half_height;
      const double square = nx * nx + ny * ny;
      if (square < 0.95) all.push_back({nx, ny, std::sqrt(1 - square), cv::mean(face.grey(area), face.skin(area))[0]});
    }
  return all;
}

/// brightness = c0 + c1 x + c2 y + c3 z: the first four spherical harmonics (Basri and Jacobs, PAMI 25(2), 2003).
struct Fit {
  cv::Vec4d c;
  double explained = 0;  ///< 1 - residual over total sum of squares

  double residual(const Sample& s) const { return s.brightness - c.dot({1, s.x, s.y, s.z}); }
};

Fit least_squares(const std::vector<Sample>& all) {
  cv::Mat a(static_cast<int>(all.size()), 4, CV_64F), b(static_cast<int>(all.size()), 1, CV_64F), solution;
  double mean = 0;
  for (int i = 0; i < a.rows; ++i) {
    const Sample& s = all[static_cast<std::size_t>(i)];
    *a.ptr<cv::Vec4d>(i) = {1, s.x, s.y, s.z};
    b.at<double>(i) = s.brightness;
    mean += s.brightness / a.rows;
  }
  cv::solve(a, b, solution, cv::DECOMP_NORMAL | cv::DECOMP_SVD);
  Fit fit{*solution.ptr<cv::Vec4d>(), 0};
  double left = 0, total = 0;
  for (const Sample& s : all) {
    left += fit.residual(s) * fit.residual(s);
    total += (s.brightness - mean) * (s.brightness - mean);
  }
  fit.explained = total > 0 ? 1 - left / total : 1;
  return fit;
}

/// Twice: the second time without the tenth that fits worst (hair, glasses, highlights).
Fit robust_fit(std::vector<Sample> all) {
  const Fit first = least_squares(all);
  const auto kept = static_cast<std::ptrdiff_t>(all.size() - all.size() / 10);
  std::nth_element(all.begin(), all.begin() + kept - 1, all.end(), [&](const Sample& a, const Sample& b) {
    return std::abs(first.residual(a)) < std::abs(first.residual(b));
  });
  all.resize(static_cast<std::size_t>(kept));
  return least_squares(all);
}

/// Where the light of one half comes from: slope of its brightness along x and y, the shading of the round form (c3 of
/// the whole face) taken away, since half a face cannot tell it from a slope.
cv::Vec2d direction(const std::vector<Sample>& half, double c3) {
  cv::Matx33d a = cv::Matx33d::zeros();
  cv::Vec3d b{0, 0, 0};
  for (const Sample& s : half) {
    const cv::Vec3d row{1, s.x, s.y};
    a += row * row.t();
    b += row * (s.brightness - c3 * s.z);
  }
  const cv::Vec3d solved = a.solve(b, cv::DECOMP_SVD);
  return {solved[1], solved[2]};
}

}  // namespace

Raw lighting(const AlignedFace& face) {
  const std::vector<Sample> all = samples(face);
  std::vector<Sample> upper, lower;
  for (const Sample& s : all) (s.y < 0 ? upper : lower).push_back(s);
  if (std::min(upper.size(), lower.size()) < 12) return {{}, 0, "too little skin is seen"};
  const Fit fit = robust_fit(all);
  const cv::Vec2d above = direction(upper, fit.c[3]), below = direction(lower, fit.c[3]);
  const double strength = std::min(cv::norm(above), cv::norm(below));
  const double turn = std::abs(std::atan2(above[0] * below[1] - above[1] * below[0], above.dot(below)));

  // Of the halves, not of the whole face: two halves lit from opposite sides are flat together.
  double mean = 0;
  for (const Sample& s : all) mean += s.brightness / static_cast<double>(all.size());
  const double directed = std::min(1.0, strength / (0.1 * mean + 1e-6));
  Raw raw{{fit.explained, strength > 0 ? turn / std::numbers::pi : 0},
          directed * face.size_validity(48) * (face.alignment.anchor == Anchor::box ? 0.6 : 1),
          ""};
  if (raw.validity < 0.5) raw.doubt = directed < 0.5 ? "the light is flat" : "the face is small";
  return raw;
}

}  // namespace dfpipe::heuristics
