#include <cmath>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"

namespace dfpipe::augment {
namespace {

constexpr std::int64_t largest_kernel = 255;

/// exp(-x² / 2 sigma²), normalised in double: 2.x makes its kernel itself.
cv::Mat own_kernel(int size, double sigma) {
  cv::Mat kernel(size, 1, CV_64F);
  double sum = 0;
  for (int i = 0; i < size; ++i) {
    const double x = i - size / 2;
    sum += kernel.at<double>(i) = std::exp(-x * x / (2 * sigma * sigma));
  }
  return kernel / sum;
}

}  // namespace

Json draw_gaussian_blur(Random& random, std::int64_t low, std::int64_t high, Range sigma, Rules rules) {
  Json drawn;
  if (rules == Rules::v2) drawn["sigma"] = sigma.draw(random);
  // An even size becomes the next odd one, so the sizes are not equally frequent: 3, 5, 7 come as 1 : 2 : 2.
  std::int64_t size = draw_integer(random, low, high);
  if (size != 0 && size % 2 == 0) size = rules == Rules::v1 ? (size + 1) % (high + 1) : size + 1;
  drawn["ksize"] = size;
  if (rules == Rules::v1) drawn["sigma"] = sigma.draw(random);
  return drawn;
}

cv::Mat gaussian_blur(const cv::Mat& rgb, const Json& drawn, Rules rules) {
  int size = integer_of(drawn, "ksize", 0, largest_kernel);
  const double sigma = real_of(drawn, "sigma", 0, 30);
  if (size != 0 && size % 2 == 0) refuse("ksize is even");
  if (size == 0 && sigma == 0) return rgb;
  cv::Mat out;
  if (rules == Rules::v1 || sigma == 0) {
    cv::GaussianBlur(rgb, out, {size, size}, sigma);
    return out;
  }
  if (size == 0) size = static_cast<int>(3.5 * sigma) * 2 + 1;
  const cv::Mat kernel = own_kernel(size, sigma);
  cv::sepFilter2D(rgb, out, -1, kernel, kernel);
  return out;
}

}  // namespace dfpipe::augment
