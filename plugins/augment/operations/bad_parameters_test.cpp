#include <gmock/gmock.h>

#include "dfpipe/error.hpp"
#include "operations.hpp"

namespace dfpipe::augment {
namespace {

using ::testing::HasSubstr;

const cv::Mat picture(20, 30, CV_8UC3, cv::Scalar(10, 120, 240));

std::string refusal(const std::string& name, const Json& drawn) {
  try {
    apply(name, picture, drawn, Rules::v1);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "parameters") << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(BadParameters, AreRefusedWithTheTransformsName) {
  EXPECT_THAT(refusal("Rotate", Json::object()), HasSubstr("Rotate: "));
  EXPECT_THAT(refusal("Rotate", Json::array()), HasSubstr("Rotate: "));
  EXPECT_THAT(refusal("Rotate", {{"angle", "much"}}), HasSubstr("Rotate: "));
  EXPECT_THAT(refusal("Rotate", {{"angle", 5}, {"interpolation", "sinc"}, {"border_mode", "constant"}, {"value", 0}}),
              HasSubstr("interpolation is 'sinc'"));
  EXPECT_THAT(refusal("Shear", Json::object()), HasSubstr("no transform 'Shear'"));
  EXPECT_THAT(refusal("ImageCompression", {{"quality", 101}, {"image_type", ".jpg"}}), HasSubstr("quality is 101"));
  EXPECT_THAT(refusal("ImageCompression", {{"quality", 50.5}, {"image_type", ".jpg"}}), HasSubstr("no whole number"));
  EXPECT_THAT(refusal("ImageCompression", {{"quality", 50}, {"image_type", ".gif"}}), HasSubstr("image_type"));
  EXPECT_THAT(refusal("GaussianBlur", {{"ksize", 4}, {"sigma", 0}}), HasSubstr("even"));
  EXPECT_THAT(refusal("Downscale", {{"scale", 0}, {"down", "area"}, {"up", "linear"}}), HasSubstr("scale is 0"));
  EXPECT_THAT(refusal("ColorJitter",
                      {{"brightness", 1}, {"contrast", 1}, {"saturation", 1}, {"hue", 0}, {"order", {0, 0, 1, 2}}}),
              HasSubstr("order"));
  EXPECT_THAT(refusal("CutOut", {{"fill", {0, 0, 0}}, {"boxes", {{0, 0, 2, 1}}}}), HasSubstr("outside"));
  EXPECT_THAT(refusal("ResizeChain", {{"steps", Json::array()}, {"last", "none"}}), HasSubstr("last is 'none'"));
  const Json crop{
      {"x1", 20}, {"y1", 0}, {"crop_w", 20}, {"crop_h", 5}, {"out_w", 8}, {"out_h", 8}, {"interpolation", "linear"}};
  EXPECT_THAT(refusal("RandomResizedCrop", crop), HasSubstr("beyond the picture"));
}

TEST(BadParameters, SmallestPicturesGoThroughEveryTransform) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 500}, {500, 1}, {2, 3}}) {
    const cv::Mat small(height, width, CV_8UC3, cv::Scalar(10, 120, 240));
    SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height));
    Random random(3);
    Json crop = draw_resized_crop(random, small.size(), {0.85, 1}, {0.75, 4.0 / 3});
    crop.update({{"out_w", 7}, {"out_h", 7}, {"interpolation", "linear"}});
    const std::vector<std::pair<std::string, Json>> steps{
        {"HorizontalFlip", Json::object()},
        {"Rotate", {{"angle", 9}, {"interpolation", "linear"}, {"border_mode", "reflect_101"}, {"value", 0}}},
        {"RandomResizedCrop", crop},
        {"ColorJitter", draw_color_jitter(random, {0.8, 1.2}, {0.8, 1.2}, {0.9, 1.1}, {-0.1, 0.1})},
        {"SocialMediaDegradation", {{"scale", 0.4}, {"quality", 20}, {"blur_ksize", 5}}},
        {"ImageCompression", {{"quality", 30}, {"image_type", ".jpg"}}},
        {"ImageCompression", {{"quality", 30}, {"image_type", ".webp"}}},
        {"GaussianBlur", {{"ksize", 7}, {"sigma", 0}}},
        {"Downscale", {{"scale", 0.25}, {"down", "nearest"}, {"up", "nearest"}}},
        {"Downscale", {{"scale", 0.25}, {"down", "area"}, {"up", "linear"}}},
        {"HighPass", {{"sigma", 3.0}}},
        {"GaussianNoise", {{"sigma", 0.1}, {"per_channel", true}, {"seed", 1}}},
        {"ISONoise", {{"color_shift", 0.05}, {"intensity", 0.5}, {"seed", 1}}},
        {"CutOut", draw_cut_out(random, 1, 3, {0.1, 0.4})},
        {"ResizeChain", draw_resize_chain(random, 3, 3, {0.5, 1.5})}};
    for (const auto& [name, drawn] : steps)
      for (const Rules rules : {Rules::v1, Rules::v2}) {
        const cv::Mat out = apply(name, small, drawn, rules);
        EXPECT_EQ(out.type(), CV_8UC3) << name;
        EXPECT_EQ(out.size(), name == "RandomResizedCrop" ? cv::Size(7, 7) : small.size()) << name;
      }
  }
}

}  // namespace
}  // namespace dfpipe::augment
