#include <cmath>
#include <opencv2/imgproc.hpp>

#include "measuring.hpp"

namespace dfpipe::heuristics {
namespace {

// Half the frame's resolution: pores and noise never have a mirror image, features do.
constexpr int side = frame_side / 2;
constexpr double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
constexpr double largest_yaw = 0.35;

cv::Mat smooth(const cv::Mat& values) {
  cv::Mat out;
  cv::GaussianBlur(values, out, {11, 11}, 1.5);
  return out;
}

/// Brightness over its mean within 24 px of the frame: the side that the light comes from drops out. The mean is taken
/// on an eighth of the resolution.
cv::Mat without_shading(const cv::Mat& grey) {
  cv::Mat half, small, mean;
  cv::resize(grey, half, {side, side}, 0, 0, cv::INTER_AREA);
  cv::resize(half, small, {side / 4, side / 4}, 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(small, small, {0, 0}, 3);
  cv::resize(small, mean, half.size(), 0, 0, cv::INTER_LINEAR);
  return half / (mean + 0.02);
}

/// 1 well inside the outline and on the picture, 0 beyond, in both halves.
cv::Mat weights(const AlignedFace& face) {
  cv::Mat distance, present, weight, mirrored;
  cv::resize(face.distance, distance, {side, side}, 0, 0, cv::INTER_AREA);
  cv::resize(face.present, present, {side, side}, 0, 0, cv::INTER_AREA);
  weight = cv::min(cv::max(distance / -8.0, 0.0), 1.0);
  weight.setTo(0, present < 255);
  cv::flip(weight, mirrored, 1);
  return cv::min(weight, mirrored);
}

}  // namespace

Raw symmetry(const AlignedFace& face) {
  if (face.alignment.anchor == Anchor::box) return {{}, 0, "needs the positions of the eyes"};
  const cv::Mat weight = weights(face);
  const double total = cv::sum(weight)[0];
  if (total < 0.1 * side * side) return {{}, 0, "too little of both halves is in the picture"};

  const cv::Mat x = without_shading(face.grey);
  cv::Mat y, mean_y, variance_y;
  cv::flip(x, y, 1);
  const cv::Mat mean = smooth(x);
  const cv::Mat variance = smooth(x.mul(x)) - mean.mul(mean);
  cv::flip(mean, mean_y, 1);
  cv::flip(variance, variance_y, 1);
  const cv::Mat means = mean.mul(mean_y);
  const cv::Mat covariance = smooth(x.mul(y)) - means;
  cv::Mat ssim;
  cv::divide((2 * means + c1).mul(2 * covariance + c2),
             (mean.mul(mean) + mean_y.mul(mean_y) + c1).mul(variance + variance_y + c2), ssim);

  Raw raw{{cv::sum(ssim.mul(weight))[0] / total}, face.visible * face.size_validity(64), ""};
  if (face.size_validity(64) < 0.5) raw.doubt = "the face is small";
  if (!face.alignment.yaw) {
    raw.validity *= 0.6;
    return raw;
  }
  const double frontal = std::max(0.0, 1 - std::abs(*face.alignment.yaw) / largest_yaw);
  if (frontal < 0.5) raw.doubt = "the head is turned";
  raw.validity *= frontal;
  return raw;
}

}  // namespace dfpipe::heuristics
