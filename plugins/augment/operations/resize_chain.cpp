#include <array>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"

namespace dfpipe::augment {
namespace {

std::string draw_interpolation(Random& random) {
  static constexpr std::array<const char*, 5> names{"nearest", "linear", "cubic", "area", "lanczos"};
  return names[random.below(names.size())];
}

}  // namespace

Json draw_resize_chain(Random& random, std::int64_t fewest, std::int64_t most, Range scale) {
  Json steps = Json::array();
  const std::int64_t count = draw_integer(random, fewest, most);
  for (std::int64_t i = 0; i < count; ++i)
    steps.push_back({{"scale", scale.draw(random)}, {"interpolation", draw_interpolation(random)}});
  return {{"steps", std::move(steps)}, {"last", draw_interpolation(random)}};
}

cv::Mat resize_chain(const cv::Mat& rgb, const Json& drawn, Rules) {
  const Json& steps = drawn.at("steps");
  if (!steps.is_array() || steps.size() > 16) refuse("steps is no list of up to 16");
  cv::Mat picture = rgb;
  for (const Json& step : steps) {
    // Of the picture's own size, so that a chain does not shrink it away.
    const double scale = real_of(step, "scale", 0.01, 4);
    const auto side = [&](int of) { return std::clamp(cvRound(of * scale), 1, static_cast<int>(most_pixels_a_side)); };
    cv::Mat next;
    cv::resize(picture, next, {side(rgb.cols), side(rgb.rows)}, 0, 0, interpolation_of(step, "interpolation"));
    picture = next;
  }
  cv::Mat out;
  cv::resize(picture, out, rgb.size(), 0, 0, interpolation_of(drawn, "last"));
  return out;
}

}  // namespace dfpipe::augment
