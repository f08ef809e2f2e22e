#include "original.hpp"

#include <gmock/gmock.h>

#include <ctime>
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
  cv::Mat grey;
  cv::cvtColor(golden.face.crop.pixels, grey, cv::COLOR_RGB2GRAY);
  expect("symmetry", symmetry(golden.face.landmarks), 1e-4);
  expect("eye_consistency", eye_consistency(golden.picture, golden.face.landmarks), 1e-4);
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

/// The formula in double precision, term by term of the whole spectrum.
double texture_by_definition(const cv::Mat& grey) {
  cv::Mat real, spectrum, planes[2], magnitude;
  grey.convertTo(real, CV_64F);
  cv::dft(real, spectrum, cv::DFT_COMPLEX_OUTPUT);
  cv::split(spectrum, planes);
  cv::magnitude(planes[0], planes[1], magnitude);
  const int h = grey.rows, w = grey.cols;
  cv::Mat disc(h, w, CV_8U, cv::Scalar(0));
  cv::circle(disc, {w / 2, h / 2}, std::min(h / 2, w / 2) / 3, 255, cv::FILLED);
  double total = 0, low = 0;
  for (int u = 0; u < h; ++u)
    for (int v = 0; v < w; ++v) {
      const double value = std::log1p(magnitude.at<double>(u, v));
      total += value;
      if (disc.at<std::uint8_t>((u + h / 2) % h, (v + w / 2) % w) != 0) low += value;
    }
  return std::min((total - low) / total * 130, 100.0);
}

TEST(Texture, AgreesWithDoublePrecisionForSizesOfEitherParity) {
  for (const cv::Size size : {cv::Size(1, 7), {2, 2}, {64, 48}, {61, 47}, {60, 47}, {61, 48}, {211, 223}, {512, 383}}) {
    cv::Mat grey(size, CV_8U);
    cv::randu(grey, 0, 256);
    cv::GaussianBlur(grey, grey, {21, 21}, 0);  // smooth, so that the measure stays below its ceiling of 100
    EXPECT_THAT(texture(grey), Optional(DoubleNear(texture_by_definition(grey), 1e-6))) << size;
  }
}

/// Processor time, so that other programs do not count. A transform that took a prime's every product would take a
/// hundred times that of its neighbour.
TEST(Texture, OfAPrimeSizeTakesNoAge) {
  const auto ticks = [](int side) {
    const cv::Mat grey(side, side, CV_8U, cv::Scalar(1));
    const std::clock_t start = std::clock();
    texture(grey);
    return static_cast<double>(std::clock() - start);
  };
  EXPECT_LT(ticks(2503), 30 * ticks(2500));
}

TEST(Measures, LookAtNothingOutsideTheCrop) {
  cv::Mat all(60, 60, CV_8U);
  cv::randu(all, 0, 256);
  const cv::Mat view = all(cv::Rect(10, 10, 40, 40)), copy = view.clone();
  EXPECT_EQ(edge_natural(view), edge_natural(copy));
  EXPECT_EQ(noise_natural(view), noise_natural(copy));
}

TEST(EyeConsistency, IsEmptyForEyesOutsideThePicture) {
  const cv::Mat rgb(50, 50, CV_8UC3, cv::Scalar::all(7));
  for (const float far : {-1e30f, -5.0f, 60.0f, 1e30f})
    EXPECT_FALSE(eye_consistency(rgb, std::vector<cv::Point3f>(478, {far, 10, 0}))) << far;
}

}  // namespace
}  // namespace dfpipe::heuristics::original
