#include "resample.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>

#include "clip_profile.hpp"
#include "test_files.hpp"

namespace {

using namespace dfpipe;
using resample::Filter;
using resample::Resizer;

/// The definition, one pixel at a time: weights in double, 22-bit fixed point, uint8 between the passes.
class Reference {
 public:
  Reference(Filter filter, int in, std::int64_t out)
      : in_(in), scale_(static_cast<double>(in) / static_cast<double>(out)) {
    stretch_ = std::max(1.0, scale_);
    cubic_ = filter == Filter::bicubic;
  }

  template <class Get>
  std::uint8_t at(std::int64_t o, const Get& get) const {
    const double center = (static_cast<double>(o) + 0.5) * scale_, support = (cubic_ ? 2 : 1) * stretch_;
    const int low = std::max(0, static_cast<int>(center - support + 0.5));
    const int high = std::min(in_, static_cast<int>(center + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int i = low; i < high; ++i) sum += weights.emplace_back(kernel((i - center + 0.5) * (1.0 / stretch_)));
    std::int64_t total = 1 << 21;
    for (int i = low; i < high; ++i) {
      const double w = weights[static_cast<std::size_t>(i - low)] / sum * 4194304.0;
      total += static_cast<std::int64_t>(w < 0 ? w - 0.5 : w + 0.5) * get(i);
    }
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(total >> 22, 0, 255));
  }

 private:
  double kernel(double x) const {
    x = std::abs(x);
    if (!cubic_) return x < 1 ? 1 - x : 0;
    if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
    return x < 2 ? -0.5 * (x * x * x - 5 * x * x + 8 * x - 4) : 0;
  }
  int in_;
  double scale_;
  double stretch_ = 1;
  bool cubic_ = true;
};

cv::Mat reference(Filter filter, const cv::Mat& rgb, int width, int height) {
  cv::Mat middle(rgb.rows, width, CV_8UC3), out(height, width, CV_8UC3);
  const Reference across(filter, rgb.cols, width), down(filter, rgb.rows, height);
  for (int y = 0; y < rgb.rows; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        middle.ptr(y)[3 * x + c] =
            width == rgb.cols ? rgb.ptr(y)[3 * x + c] : across.at(x, [&](int i) { return rgb.ptr(y)[3 * i + c]; });
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        out.ptr(y)[3 * x + c] =
            height == rgb.rows ? middle.ptr(y)[3 * x + c] : down.at(y, [&](int i) { return middle.ptr(i)[3 * x + c]; });
  return out;
}

double difference(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() ? cv::norm(a, b, cv::NORM_INF) : 1e9;
}

cv::Mat resized(const Resizer& resizer, const cv::Mat& rgb, int width, int height) {
  return resizer(rgb, {width, height}, {0, 0, width, height});
}

struct Sizes {
  int in_width, in_height, width, height;
};

TEST(Resample, EqualsTheDefinitionByteForByte) {
  const Sizes all[] = {{100, 80, 37, 29}, {37, 29, 100, 80}, {50, 40, 50, 23}, {50, 40, 21, 40},
                       {1, 1, 7, 5},      {300, 2, 9, 11},   {2, 300, 31, 33}, {640, 11, 3, 3},
                       {33, 33, 32, 34},  {500, 1, 20, 1},   {9, 9, 1, 1},     {1000, 700, 60, 41}};
  for (Filter filter : {Filter::bicubic, Filter::bilinear}) {
    const Resizer resizer(filter);
    for (const Sizes& s : all) {
      const cv::Mat picture = test_files::textured(s.in_width, s.in_height, static_cast<std::uint32_t>(s.width));
      EXPECT_EQ(difference(resized(resizer, picture, s.width, s.height), reference(filter, picture, s.width, s.height)),
                0)
          << s.in_width << "x" << s.in_height << " -> " << s.width << "x" << s.height;
    }
  }
}

TEST(Resample, HardEdgesOverflowIsClampedBetweenThePasses) {
  cv::Mat picture(60, 60, CV_8UC3, cv::Scalar::all(0));
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x)
      if ((x / 7 + y / 5) % 2) picture.at<cv::Vec3b>(y, x) = {255, 255, 255};
  const Resizer resizer(Filter::bicubic);
  EXPECT_EQ(difference(resized(resizer, picture, 224, 224), reference(Filter::bicubic, picture, 224, 224)), 0);
}

TEST(Resample, AWindowEqualsThatPartOfTheWhole) {
  const cv::Mat picture = test_files::textured(211, 157);
  const Resizer resizer(Filter::bicubic);
  const cv::Mat whole = resized(resizer, picture, 301, 224);
  for (const cv::Rect r :
       {cv::Rect(38, 0, 224, 224), cv::Rect(0, 5, 1, 1), cv::Rect(300, 223, 1, 1), cv::Rect(250, 100, 51, 124)})
    EXPECT_EQ(difference(resizer(picture, {301, 224}, {r.x, r.y, r.width, r.height}), whole(r)), 0)
        << r.x << "," << r.y;
}

TEST(Resample, ReadsAPartOfALargerPictureInPlace) {
  const cv::Mat large = test_files::textured(200, 150);
  const cv::Mat part = large(cv::Rect(31, 17, 90, 70));
  const Resizer resizer(Filter::bicubic);
  EXPECT_EQ(difference(resized(resizer, part, 50, 60), resized(resizer, part.clone(), 50, 60)), 0);
}

TEST(Resample, ALongThinPictureCostsOnlyItsWindow) {
  const cv::Mat picture = test_files::textured(8000, 1);
  const Resizer resizer(Filter::bicubic);
  const cv::Mat out = resizer(picture, {1792000, 224}, {895888, 0, 224, 224});
  EXPECT_EQ(out.size(), cv::Size(224, 224));
}

TEST(Resample, RefusesAWindowOutsideAndOtherPixels) {
  const Resizer resizer(Filter::bicubic);
  const cv::Mat picture = test_files::textured(20, 20);
  EXPECT_THROW(resizer(picture, {30, 30}, {10, 0, 21, 30}), std::invalid_argument);
  EXPECT_THROW(resizer(picture, {30, 30}, {-1, 0, 5, 5}), std::invalid_argument);
  EXPECT_THROW(resizer(cv::Mat(5, 5, CV_8UC1), {3, 3}, {0, 0, 3, 3}), std::invalid_argument);
  EXPECT_THROW(resizer(cv::Mat(), {3, 3}, {0, 0, 3, 3}), std::invalid_argument);
}

std::string refusal(const std::string& json) {
  try {
    parse_clip_profile(json, "p.json");
    return "";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(ClipProfile, ReadsBothStyles) {
  const ClipProfile fresh = parse_clip_profile(
      R"({"size":{"shortest_edge":336},"crop_size":{"height":300,"width":320},"resample":2,"do_normalize":false,"new_key":1})",
      "p");
  EXPECT_EQ(fresh.shortest_edge, 336);
  EXPECT_EQ(fresh.crop_height, 300);
  EXPECT_EQ(fresh.crop_width, 320);
  EXPECT_EQ(fresh.filter, Filter::bilinear);
  EXPECT_FALSE(fresh.normalize);
  const ClipProfile old = parse_clip_profile(R"({"size":256,"crop_size":224,"image_mean":[0.5,0.4,0.3]})", "p");
  EXPECT_EQ(old.shortest_edge, 256);
  EXPECT_EQ(old.crop_width, 224);
  EXPECT_EQ(old.mean[2], 0.3);
  const ClipProfile exact = parse_clip_profile(R"({"size":{"height":10,"width":20}})", "p");
  EXPECT_EQ(exact.resized(77, 99).width, 20);
  EXPECT_EQ(exact.resized(77, 99).height, 10);
}

TEST(ClipProfile, TheLongerEdgeIsTruncated) {
  EXPECT_EQ(ClipProfile{}.resized(640, 427).width, 335);
  EXPECT_EQ(ClipProfile{}.resized(301, 517).height, 384);
  EXPECT_EQ(ClipProfile{}.resized(611, 120).width, 1140);
}

TEST(ClipProfile, SaysWhichValueIsWrong) {
  EXPECT_EQ(refusal(R"({"size":-1})"), "p.json: size: a whole number from 1 to 16384 is wanted, got -1");
  EXPECT_EQ(refusal(R"({"size":1e9})"), "p.json: size: a whole number from 1 to 16384 is wanted, got 1000000000.0");
  EXPECT_EQ(refusal(R"({"crop_size":{"height":"x","width":2}})"),
            "p.json: crop_size.height: a whole number from 1 to 16384 is wanted, got \"x\"");
  EXPECT_EQ(refusal(R"({"size":{"longest_edge":2}})"),
            "p.json: size: wants a number, shortest_edge, or height and width, got {\"longest_edge\":2}");
  EXPECT_EQ(refusal(R"({"resample":1})"), "p.json: resample: 3 (bicubic) and 2 (bilinear) are supported, got 1");
  EXPECT_EQ(refusal(R"({"image_std":[1,0,1]})"), "p.json: image_std: must be above 0");
  EXPECT_EQ(refusal(R"({"image_mean":[1,2]})"), "p.json: image_mean: 3 numbers (R, G, B) are wanted, got [1,2]");
  EXPECT_EQ(refusal(R"({"do_resize":"yes"})"), "p.json: do_resize: true or false is wanted, got \"yes\"");
  EXPECT_EQ(refusal("[]"), "p.json: a JSON object is wanted");
  EXPECT_EQ(refusal("{"), "p.json: no valid JSON at byte 2");
  EXPECT_THROW(read_profile_text("/nowhere/preprocessor_config.json"), std::runtime_error);
}

}  // namespace
