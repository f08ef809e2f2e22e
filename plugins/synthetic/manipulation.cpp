#include "manipulation.hpp"

#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "face_painter.hpp"

namespace dfpipe::synthetic {
namespace {

/// `above` over `below` where the faces are.
cv::Mat paste(const cv::Mat& below, const cv::Mat& above, const std::vector<FaceLook>& faces, double feather) {
  cv::Mat mask(below.size(), CV_32F, cv::Scalar(0));
  for (const FaceLook& face : faces) cv::max(mask, inner_face_mask(below.size(), face, feather), mask);
  cv::Mat result(below.size(), below.type());
  for (int y = 0; y < below.rows; ++y)
    for (int x = 0; x < below.cols; ++x) {
      const float a = mask.at<float>(y, x);
      const cv::Vec3f mixed = cv::Vec3f(above.at<cv::Vec3b>(y, x)) * a + cv::Vec3f(below.at<cv::Vec3b>(y, x)) * (1 - a);
      result.at<cv::Vec3b>(y, x) = cv::Vec3b(mixed);
    }
  return result;
}

/// Half the resolution, then a transposed convolution with stride 2 and a 3x3 kernel.
cv::Mat upsampled(const cv::Mat& picture, double unevenness) {
  cv::Mat half, spread(picture.size(), CV_32FC3, cv::Scalar::all(0)), result;
  cv::resize(picture, half, {(picture.cols + 1) / 2, (picture.rows + 1) / 2}, 0, 0, cv::INTER_AREA);
  for (int y = 0; y < half.rows; ++y)
    for (int x = 0; x < half.cols; ++x)
      if (2 * y < spread.rows && 2 * x < spread.cols) spread.at<cv::Vec3f>(2 * y, 2 * x) = half.at<cv::Vec3b>(y, x);
  // (1/2, 1, 1/2) interpolates exactly; a heavier middle makes every second row and column brighter.
  const cv::Mat kernel = (cv::Mat_<float>(3, 1) << 0.5 - unevenness / 2, 1 + unevenness, 0.5 - unevenness / 2);
  cv::sepFilter2D(spread, spread, CV_32F, kernel, kernel);
  spread.convertTo(result, CV_8U);
  return result;
}

}  // namespace

const std::vector<std::string>& manipulation_kinds() {
  static const std::vector<std::string> kinds{"upsampled", "blended", "smoothed"};
  return kinds;
}

cv::Mat manipulated_photograph(Random& random, const Scene& scene, const std::string& kind) {
  const cv::Mat picture = photograph(random, scene.canvas);
  if (kind == "upsampled") return paste(picture, upsampled(picture, random.uniform(0.02, 0.05)), scene.faces, 0.1);
  if (kind == "blended") {
    const Scene other = with_other_faces(random, scene);
    return paste(picture, photograph(random, other.canvas), scene.faces, random.uniform(0.02, 0.05));
  }
  if (kind == "smoothed") {
    cv::Mat smooth;
    cv::bilateralFilter(picture, smooth, 9, random.uniform(30, 50), random.uniform(3, 5));
    return paste(picture, smooth, scene.faces, 0.1);
  }
  throw std::invalid_argument("there is no manipulation '" + kind + "'");
}

}  // namespace dfpipe::synthetic
