#include <gtest/gtest.h>

#include <map>
#include <opencv2/imgproc.hpp>

#include "codec.hpp"
#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/image.hpp"
#include "manipulation.hpp"
#include "recipe.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::synthetic {
namespace {

using dfpipe::testing::NodeRunner;

Recipe recipe(std::uint64_t key, const std::string& kind, const std::string& camera = "a") {
  return {.key = key, .size = 192, .camera = camera, .kind = kind, .quality = 90};
}

cv::Mat drawn(const Recipe& recipe) {
  NodeRunner node("draw-face");
  return node.in("recipe", recipe).run().get<Image>("image").pixels;
}

/// Amplitude of one frequency (in periods a pixel, along the rows) of green in the middle of the picture, over the mean
/// of its neighbours.
double peak(const cv::Mat& picture, double frequency) {
  constexpr int side = 64;
  cv::Mat green, spectrum, window;
  const cv::Rect middle((picture.cols - side) / 2, (picture.rows - side) / 2, side, side);
  cv::extractChannel(picture(middle), green, 1);
  green.convertTo(green, CV_32F);
  cv::createHanningWindow(window, green.size(), CV_32F);
  green = (green - cv::mean(green)[0]).mul(window);
  cv::dft(green, spectrum, cv::DFT_COMPLEX_OUTPUT);
  const auto at = [&](int column) { return cv::norm(spectrum.at<cv::Vec2f>(0, (column + side) % side)); };
  const int column = static_cast<int>(frequency * side);
  return at(column) / ((at(column - 4) + at(column - 5) + at(column + 4) + at(column + 5)) / 4);
}

double mean_peak(const std::string& kind, double frequency) {
  double sum = 0;
  for (std::uint64_t key = 1; key <= 12; ++key) sum += peak(drawn(recipe(key, kind)), frequency) / 12;
  return sum;
}

TEST(DrawFace, DependsOnItsRecipeAlone) {
  const Recipe one = recipe(5, "swapped");
  EXPECT_EQ(cv::norm(drawn(one), drawn(one), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(drawn(one), drawn(recipe(6, "swapped")), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(drawn(one), drawn(recipe(5, "swapped", "b")), cv::NORM_INF), 0);
  NodeRunner node("draw-face");
  EXPECT_EQ(node.in("recipe", one).run().get<double>("quality"), 90);
}

TEST(DrawFace, UpsamplingLeavesPeaksInTheSpectrumWhereItsStridesAre) {
  EXPECT_GT(mean_peak("upsampled", 0.5), 3 * mean_peak("", 0.5));
  EXPECT_GT(mean_peak("checkered", 0.25), 3 * mean_peak("", 0.25));
  EXPECT_LT(mean_peak("upsampled", 0.25), 2 * mean_peak("", 0.25)) << "one stride of two has no period of four";
  EXPECT_LT(mean_peak("smoothed", 0.5), 2 * mean_peak("", 0.5));
}

TEST(DrawFace, AManipulatedFaceIsNoLargerOrSmallerAFileThanItsPhotograph) {
  int within = 0, all = 0;
  for (const std::string& kind : manipulation_kinds())
    for (const char* camera : {"a", "b"})
      for (std::uint64_t key = 1; key <= 5; ++key, ++all) {
        const auto bytes = [&](const std::string& of) {
          return static_cast<double>(codec::encode_jpeg(drawn(recipe(key, of, camera)), 90).size());
        };
        within += std::abs(bytes(kind) / bytes("") - 1) < 0.01 ? 1 : 0;
      }
  EXPECT_EQ(all, 60);
  EXPECT_GE(within, 57);
}

TEST(DrawFace, FillsThePictureAsADetectorsEnlargedBoxDoes) {
  NodeRunner detector("face-crop");
  int found = 0;
  double share = 0;
  for (std::uint64_t key = 1; key <= 10; ++key) {
    cv::Mat wide;  // a detector wants room around a face
    cv::copyMakeBorder(drawn(recipe(key, "")), wide, 96, 96, 96, 96, cv::BORDER_REFLECT_101);
    const auto faces = detector.in("image", Image{wide}).run().get<List<Face>>("faces");
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const cv::Rect box = faces.at(i).box;
      if (!box.contains({192, 192})) continue;
      ++found;
      share += std::sqrt(box.area()) / 192;
    }
  }
  EXPECT_GE(found, 8);
  EXPECT_NEAR(share / found, 1 / 1.4, 0.12);
}

}  // namespace
}  // namespace dfpipe::synthetic
