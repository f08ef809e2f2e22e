#include "degrading.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "operations/operations.hpp"
#include "operations/reading.hpp"
#include "resample.hpp"

namespace dfpipe::augment {
namespace {

constexpr const char* pillow_bicubic = "pillow-bicubic";

cv::Mat resized(const cv::Mat& rgb, cv::Size size, const std::string& filter) {
  if (filter == pillow_bicubic) {
    static const resample::Resizer resizer(resample::Filter::bicubic);  // keeps the weights of the sizes met last
    return resizer(rgb, {size.width, size.height}, {0, 0, size.width, size.height});
  }
  cv::Mat out;
  cv::resize(rgb, out, size, 0, 0, interpolation_of({{"filter", filter}}, "filter"));
  return out;
}

cv::Mat there_and_back(const cv::Mat& rgb, const Degradation& to) {
  const double scale = to.strength / std::min(rgb.cols, rgb.rows);
  const auto side = [&](int of) {
    return static_cast<int>(std::clamp<std::int64_t>(std::llround(of * scale), 1, most_pixels_a_side));
  };
  return resized(resized(rgb, {side(rgb.cols), side(rgb.rows)}, to.filter), rgb.size(), to.filter);
}

}  // namespace

const std::vector<std::string>& resize_filters() {
  static const std::vector<std::string> all{"nearest", "linear", "cubic", "area", "lanczos", pillow_bicubic};
  return all;
}

cv::Mat degraded(const cv::Mat& rgb, const Degradation& degradation, Random& random) {
  const double strength = degradation.strength;
  switch (degradation.kind) {
    case Degradation::Kind::none:
      return rgb;
    case Degradation::Kind::jpeg:
      return apply("ImageCompression", rgb,
                   {{"quality", static_cast<std::int64_t>(strength)}, {"image_type", ".jpg"}, {"channels", "true"}},
                   Rules::v1);
    case Degradation::Kind::blur:
      return apply("GaussianBlur", rgb, {{"ksize", 0}, {"sigma", strength}}, Rules::v1);
    case Degradation::Kind::resize:
      return there_and_back(rgb, degradation);
    case Degradation::Kind::noise:
      break;
  }
  return apply("GaussianNoise", rgb, {{"sigma", strength}, {"per_channel", true}, {"seed", random.bits64()}},
               Rules::v1);
}

}  // namespace dfpipe::augment
