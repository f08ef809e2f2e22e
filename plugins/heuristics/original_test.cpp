#include "original.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "golden.hpp"

namespace dfpipe::heuristics::original {
namespace {

using nlohmann::json;
using ::testing::DoubleNear;
using ::testing::Optional;

class Original : public ::testing::TestWithParam<std::string> {
 protected:
  Golden golden{GetParam()};

  void expect(const char* name, std::optional<double> value, double tolerance) {
    const json& expected = golden.expected["raw"][name];
    if (expected.is_null())
      EXPECT_FALSE(value) << name;
    else
      EXPECT_THAT(value, Optional(DoubleNear(expected, tolerance))) << name;
  }
};

TEST_P(Original, EachMeasureHasTheOriginalsValue) {
  cv::Mat grey, picture_grey;
  cv::cvtColor(golden.face.crop.pixels, grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(golden.picture, picture_grey, cv::COLOR_RGB2GRAY);
  expect("symmetry", symmetry(golden.face.landmarks), 1e-4);
  expect("eye_consistency", eye_consistency(picture_grey, golden.face.landmarks), 1e-4);
  // A flat picture's spectrum is rounding noise beside its one value.
  if (GetParam() == "flat")
    EXPECT_THAT(texture(grey), Optional(DoubleNear(1.5, 1.5)));
  else
    expect("texture", texture(grey), 0.05);
  expect("edge_natural", edge_natural(grey), 1e-4);
  expect("color_consistency", color_consistency(golden.face.crop.pixels), 1e-4);
  expect("noise_natural", noise_natural(grey), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Pictures, Original, ::testing::ValuesIn(golden_names()),
                         [](const auto& test) { return test.param; });

TEST(Rounded, FollowsEachMeasuresOwnRule) {
  // value, correctly rounded decimal, times ten half to even: the two ways differ on ties that binary cannot hold.
  const double cases[][3] = {{0.05, 0.1, 0.0},    {0.15, 0.1, 0.2},    {0.25, 0.2, 0.2},
                             {0.35, 0.3, 0.4},    {2.675, 2.7, 2.7},   {12.25, 12.2, 12.2},
                             {33.35, 33.4, 33.4}, {66.65, 66.7, 66.6}, {99.95, 100, 100.0}};
  for (const auto& [value, decimal, tens] : cases) {
    EXPECT_EQ(rounded("symmetry", value), decimal) << value;
    EXPECT_EQ(rounded("texture", value), tens) << value;
  }
}

TEST(Measures, AreEmptyWhereACropIsTooSmall) {
  const cv::Mat grey(1, 1, CV_8U, cv::Scalar(0)), rgb(1, 1, CV_8UC3, cv::Scalar::all(0));
  EXPECT_FALSE(texture(grey));
  EXPECT_FALSE(edge_natural(grey));
  EXPECT_FALSE(color_consistency(rgb));
  EXPECT_FALSE(noise_natural(grey));
}

TEST(Measures, LookAtNothingOutsideTheCrop) {
  cv::Mat all(60, 60, CV_8U);
  cv::randu(all, 0, 256);
  const cv::Mat view = all(cv::Rect(10, 10, 40, 40)), copy = view.clone();
  EXPECT_EQ(edge_natural(view), edge_natural(copy));
  EXPECT_EQ(noise_natural(view), noise_natural(copy));
}

TEST(EyeConsistency, IsEmptyForEyesOutsideThePicture) {
  const cv::Mat grey(50, 50, CV_8U, cv::Scalar(7));
  for (const float far : {-1e30f, -5.0f, 60.0f, 1e30f})
    EXPECT_FALSE(eye_consistency(grey, std::vector<cv::Point3f>(478, {far, 10, 0}))) << far;
}

}  // namespace
}  // namespace dfpipe::heuristics::original
