#include "manipulation.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "face_painter.hpp"

namespace dfpipe::synthetic {
namespace {

cv::Mat inner_faces(const Scene& scene, double feather) {
  cv::Mat mask(scene.canvas.size(), CV_32F, cv::Scalar(0));
  for (const FaceLook& face : scene.faces) cv::max(mask, inner_face_mask(mask.size(), face, feather), mask);
  return mask;
}

/// `above` over `below` as far as the mask says.
Forgery paste(const cv::Mat& below, const cv::Mat& above, const cv::Mat& mask) {
  cv::Mat result(below.size(), below.type());
  for (int y = 0; y < below.rows; ++y)
    for (int x = 0; x < below.cols; ++x) {
      const float a = mask.at<float>(y, x);
      const cv::Vec3f mixed = cv::Vec3f(above.at<cv::Vec3b>(y, x)) * a + cv::Vec3f(below.at<cv::Vec3b>(y, x)) * (1 - a);
      result.at<cv::Vec3b>(y, x) = cv::Vec3b(mixed);
    }
  return {result, mask};
}

/// A transposed convolution with stride 2 and a 3x3 kernel: [h,w] to `size`, about twice as large. float RGB.
cv::Mat enlarged_twice(const cv::Mat& half, cv::Size size, double unevenness) {
  cv::Mat spread(size, CV_32FC3, cv::Scalar::all(0));
  for (int y = 0; y < half.rows; ++y)
    for (int x = 0; x < half.cols; ++x)
      if (2 * y < spread.rows && 2 * x < spread.cols) spread.at<cv::Vec3f>(2 * y, 2 * x) = half.at<cv::Vec3f>(y, x);
  // (1/2, 1, 1/2) interpolates exactly; a heavier middle makes every second row and column brighter.
  const cv::Mat kernel = (cv::Mat_<float>(3, 1) << 0.5 - unevenness / 2, 1 + unevenness, 0.5 - unevenness / 2);
  cv::sepFilter2D(spread, spread, CV_32F, kernel, kernel);
  return spread;
}

cv::Size half_of(cv::Size size) { return {(size.width + 1) / 2, (size.height + 1) / 2}; }

cv::Mat upsampled(const cv::Mat& picture, double unevenness) {
  cv::Mat half, result;
  cv::resize(picture, half, half_of(picture.size()), 0, 0, cv::INTER_AREA);
  half.convertTo(half, CV_32F);
  enlarged_twice(half, picture.size(), unevenness).convertTo(result, CV_8U);
  return result;
}

/// The coarse picture of a generator's early layers, twice enlarged, and the detail that later layers add.
cv::Mat checkered(const cv::Mat& picture, double unevenness) {
  cv::Mat clean, quarter, detail, result;
  cv::bilateralFilter(picture, clean, 5, 25, 2);
  clean.convertTo(clean, CV_32F);
  const cv::Size middle = half_of(picture.size());
  cv::resize(clean, quarter, half_of(middle), 0, 0, cv::INTER_AREA);
  const auto through = [&](double uneven) {
    return enlarged_twice(enlarged_twice(quarter, middle, uneven), picture.size(), uneven / 2);
  };
  cv::Mat(clean - through(0)).copyTo(detail);
  cv::Mat(through(unevenness) + detail).convertTo(result, CV_8U);
  return result;
}

/// The scene as a generator would give it: no sensor, and no more detail than a smaller picture holds.
cv::Mat rendered(Random& random, const cv::Mat& canvas, const Exposure& exposure, double resolution) {
  cv::Mat picture = develop(random, canvas, without_noise(exposure)), small;
  const auto side = [&](int full) { return std::max(8, static_cast<int>(full * resolution)); };
  cv::resize(picture, small, {side(picture.cols), side(picture.rows)}, 0, 0, cv::INTER_AREA);
  cv::resize(small, picture, picture.size(), 0, 0, cv::INTER_CUBIC);
  return picture;
}

/// `above` with the mean colour that `below` has under the mask.
cv::Mat in_colours_of(const cv::Mat& below, const cv::Mat& above, const cv::Mat& mask) {
  const cv::Mat inside = mask > 0.5f;
  cv::Mat result;
  const cv::Scalar difference = cv::mean(below, inside) - cv::mean(above, inside);
  cv::add(above, difference, result);
  return result;
}

}  // namespace

const std::vector<std::string>& manipulation_kinds() {
  static const std::vector<std::string> kinds{"upsampled", "blended",   "smoothed",
                                              "swapped",   "checkered", "resynthesised"};
  return kinds;
}

void check_manipulation_kind(const std::string& kind) {
  if (std::ranges::find(manipulation_kinds(), kind) != manipulation_kinds().end()) return;
  std::string all;
  for (const std::string& known : manipulation_kinds()) all += (all.empty() ? "" : ", ") + known;
  throw std::invalid_argument("there is no manipulation '" + kind + "' (" + all + ")");
}

Forgery forged(Random& random, const Scene& scene, const Photograph& genuine, const Camera& camera,
               const std::string& kind) {
  check_manipulation_kind(kind);
  const cv::Mat& picture = genuine.pixels;
  if (kind == "upsampled")
    return paste(picture, upsampled(picture, random.uniform(0.02, 0.05)), inner_faces(scene, 0.1));
  if (kind == "checkered")
    return paste(picture, checkered(picture, random.uniform(0.02, 0.05)), inner_faces(scene, 0.1));
  if (kind == "smoothed") {
    cv::Mat smooth;
    const double space = random.uniform(3, 5), colour = random.uniform(30, 50);
    cv::bilateralFilter(picture, smooth, 9, colour, space);
    return paste(picture, smooth, inner_faces(scene, 0.1));
  }
  if (kind == "blended") {
    const Scene other = with_other_faces(random, scene);
    const cv::Mat mask = inner_faces(scene, random.uniform(0.02, 0.05));
    Exposure exposure = random_exposure(random, camera);
    exposure.exposure = genuine.exposure.exposure;  // a forger brings both pictures to one brightness and one white
    exposure.warmth = genuine.exposure.warmth;
    exposure.contrast = genuine.exposure.contrast;
    return paste(picture, develop(random, other.canvas, exposure), mask);
  }
  if (kind == "swapped") {
    const Scene other = with_other_faces(random, scene);
    const cv::Mat mask = inner_faces(scene, random.uniform(0.1, 0.25));
    const cv::Mat face = rendered(random, other.canvas, genuine.exposure, random.uniform(0.5, 0.8));
    return paste(picture, in_colours_of(picture, face, mask), mask);
  }
  const cv::Mat everything(picture.size(), CV_32F, cv::Scalar(1));
  return paste(picture, rendered(random, scene.canvas, genuine.exposure, random.uniform(0.5, 0.8)), everything);
}

cv::Mat manipulated_photograph(Random& random, const Scene& scene, const Camera& camera, const std::string& kind) {
  const Exposure exposure = random_exposure(random, camera);
  const Photograph genuine{exposure, develop(random, scene.canvas, exposure)};
  return forged(random, scene, genuine, camera, kind).pixels;
}

}  // namespace dfpipe::synthetic
