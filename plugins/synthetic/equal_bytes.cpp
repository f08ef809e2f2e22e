#include "equal_bytes.hpp"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "codec.hpp"

namespace dfpipe::synthetic {
namespace {

/// Strongest grain (standard deviation in steps of 256) and how often the range is halved.
constexpr double most_grain = 16;
constexpr int halvings = 11;

double bytes(const cv::Mat& picture, int quality) {
  return static_cast<double>(codec::encode_jpeg(picture, quality).size());
}

/// Amounts 0 … 1 add grain up to the strongest, -1 … 0 blur.
cv::Mat changed(const Forgery& forgery, const cv::Mat& blurred, const cv::Mat& grain, double amount) {
  cv::Mat result(forgery.pixels.size(), CV_8UC3);
  const auto soft = static_cast<float>(std::max(-amount, 0.0)),
             rough = static_cast<float>(most_grain * std::max(amount, 0.0));
  for (int y = 0; y < result.rows; ++y)
    for (int x = 0; x < result.cols; ++x) {
      const float inside = forgery.mask.at<float>(y, x);
      const cv::Vec3f sharp(forgery.pixels.at<cv::Vec3b>(y, x)), smooth(blurred.at<cv::Vec3b>(y, x));
      result.at<cv::Vec3b>(y, x) = cv::Vec3b(sharp + (smooth - sharp) * (soft * inside) +
                                             cv::Vec3f::all(rough * inside * grain.at<float>(y, x)));
    }
  return result;
}

}  // namespace

cv::Mat with_equal_bytes(Random& random, const Forgery& forgery, const cv::Mat& genuine, int quality) {
  cv::Mat grain(genuine.size(), CV_32F), blurred;
  for (int y = 0; y < grain.rows; ++y)
    for (int x = 0; x < grain.cols; ++x) grain.at<float>(y, x) = static_cast<float>(random.normal());
  cv::GaussianBlur(forgery.pixels, blurred, {}, 1.5);
  const double wanted = bytes(genuine, quality);
  double low = -1, high = 1;
  cv::Mat picture = forgery.pixels;
  double is = bytes(picture, quality);
  (is < wanted ? low : high) = 0;
  for (int i = 0; i < halvings && std::abs(is - wanted) > 0.003 * wanted; ++i) {
    const double amount = (low + high) / 2;
    picture = changed(forgery, blurred, grain, amount);
    is = bytes(picture, quality);
    (is < wanted ? low : high) = amount;
  }
  return picture;
}

}  // namespace dfpipe::synthetic
