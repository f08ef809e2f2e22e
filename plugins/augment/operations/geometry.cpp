#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "reading.hpp"

namespace dfpipe::augment {

int interpolation_of(const Json& drawn, const char* key) {
  static constexpr std::array<std::pair<std::string_view, int>, 5> known{{{"nearest", cv::INTER_NEAREST},
                                                                          {"linear", cv::INTER_LINEAR},
                                                                          {"cubic", cv::INTER_CUBIC},
                                                                          {"area", cv::INTER_AREA},
                                                                          {"lanczos", cv::INTER_LANCZOS4}}};
  const std::string name = text_of(drawn, key);
  for (const auto& [one, flag] : known)
    if (one == name) return flag;
  refuse(std::string(key) + " is '" + name + "'");
}

cv::Mat horizontal_flip(const cv::Mat& rgb, const Json&, Rules) {
  cv::Mat out;
  cv::flip(rgb, out, 1);
  return out;
}

cv::Mat rotate(const cv::Mat& rgb, const Json& drawn, Rules) {
  const double angle = real_of(drawn, "angle", -360, 360);
  const std::string border = text_of(drawn, "border_mode");
  if (border != "reflect_101" && border != "constant") refuse("border_mode is '" + border + "'");
  const cv::Point2f middle(static_cast<float>(rgb.cols / 2.0 - 0.5), static_cast<float>(rgb.rows / 2.0 - 0.5));
  cv::Mat out;
  cv::warpAffine(rgb, out, cv::getRotationMatrix2D(middle, angle, 1), rgb.size(),
                 interpolation_of(drawn, "interpolation"),
                 border == "constant" ? cv::BORDER_CONSTANT : cv::BORDER_REFLECT_101,
                 cv::Scalar::all(integer_of(drawn, "value", 0, 255)));
  return out;
}

namespace {

Json crop(std::int64_t x, std::int64_t y, std::int64_t w, std::int64_t h) {
  return {{"x1", x}, {"y1", y}, {"crop_w", w}, {"crop_h", h}};
}

}  // namespace

Json draw_resized_crop(Random& random, cv::Size picture, Range scale, Range ratio) {
  const std::int64_t width = picture.width, height = picture.height;
  const Range log_ratio{std::log(ratio.low), std::log(ratio.high)};
  constexpr int attempts = 10;
  for (int i = 0; i < attempts; ++i) {
    const double area = scale.draw(random) * static_cast<double>(height) * static_cast<double>(width);
    const double shape = std::exp(log_ratio.draw(random));
    const auto w = static_cast<std::int64_t>(std::nearbyint(std::sqrt(area * shape)));
    const auto h = static_cast<std::int64_t>(std::nearbyint(std::sqrt(area / shape)));
    if (w <= 0 || h <= 0 || w > width || h > height) continue;
    const std::int64_t y = draw_integer(random, 0, height - h), x = draw_integer(random, 0, width - w);
    return crop(x, y, w, h);
  }
  const double shape = static_cast<double>(width) / static_cast<double>(height);
  std::int64_t w = width, h = height;
  if (shape < ratio.low) h = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(w) / ratio.low));
  if (shape > ratio.high) w = static_cast<std::int64_t>(std::nearbyint(static_cast<double>(h) * ratio.high));
  w = std::max<std::int64_t>(w, 1);
  h = std::max<std::int64_t>(h, 1);
  return crop((width - w) / 2, (height - h) / 2, w, h);
}

cv::Mat random_resized_crop(const cv::Mat& rgb, const Json& drawn, Rules) {
  const cv::Rect box(integer_of(drawn, "x1", 0, rgb.cols - 1), integer_of(drawn, "y1", 0, rgb.rows - 1),
                     integer_of(drawn, "crop_w", 1, rgb.cols), integer_of(drawn, "crop_h", 1, rgb.rows));
  if (box.br().x > rgb.cols || box.br().y > rgb.rows) refuse("the crop reaches beyond the picture");
  const cv::Size to(integer_of(drawn, "out_w", 1, most_pixels_a_side),
                    integer_of(drawn, "out_h", 1, most_pixels_a_side));
  const int interpolation = interpolation_of(drawn, "interpolation");
  if (to == box.size()) return rgb(box).clone();
  cv::Mat out;
  cv::resize(rgb(box), out, to, 0, 0, interpolation);
  return out;
}

}  // namespace dfpipe::augment
