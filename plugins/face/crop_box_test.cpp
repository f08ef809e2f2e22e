#include "crop_box.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace dfpipe::face {
namespace {

const cv::Size picture(820, 1024);

TEST(CropBox, PadsEachSideByAShareOfTheBoxAndTruncates) {
  // The extent of the published landmarks of MediaPipe's test portrait, padded to 316.3, 121.0, 668.1, 514.9.
  const cv::Rect2d extent(cv::Point2d(366.5, 177.3), cv::Point2d(617.9, 458.6));
  EXPECT_EQ(crop_box(extent, 0.2, picture), cv::Rect(cv::Point(316, 121), cv::Point(668, 514)));
}

TEST(CropBox, IsClampedToThePictureBeforeItIsTruncated) {
  EXPECT_EQ(crop_box({-30, -0.5, 100, 100}, 0.2, picture), cv::Rect(0, 0, 90, 119));
  EXPECT_EQ(crop_box({800, 1000, 100, 100}, 0, picture), cv::Rect(800, 1000, 20, 24));
  EXPECT_EQ(crop_box({-1e9, -1e9, 2e9, 2e9}, 0.2, picture), cv::Rect({0, 0}, picture));
}

TEST(CropBox, IsEmptyWhenNothingLiesInThePicture) {
  EXPECT_TRUE(crop_box({900, 10, 50, 50}, 0.2, picture).empty());
  EXPECT_TRUE(crop_box({-200, 10, 50, 50}, 0.2, picture).empty());
  EXPECT_TRUE(crop_box({10.2, 10, 0.5, 50}, 0, picture).empty());
  EXPECT_TRUE(crop_box({std::numeric_limits<double>::quiet_NaN(), 10, 50, 50}, 0.2, picture).empty());
}

TEST(Squared, GrowsTheShorterSideAboutTheCentre) {
  EXPECT_EQ(squared({100, 200, 50, 80}, picture), cv::Rect(85, 200, 80, 80));
  EXPECT_EQ(squared({100, 200, 80, 50}, picture), cv::Rect(100, 185, 80, 80));
  EXPECT_EQ(squared({100, 200, 80, 80}, picture), cv::Rect(100, 200, 80, 80));
}

TEST(Squared, IsMovedIntoThePicture) {
  EXPECT_EQ(squared({0, 200, 50, 80}, picture), cv::Rect(0, 200, 80, 80));
  EXPECT_EQ(squared({770, 200, 50, 80}, picture), cv::Rect(740, 200, 80, 80));
  EXPECT_EQ(squared({300, 1000, 80, 24}, picture), cv::Rect(300, 944, 80, 80));
}

TEST(Squared, IsClampedWhereThePictureIsTooSmall) {
  EXPECT_EQ(squared({10, 5, 300, 20}, {1000, 40}), cv::Rect(10, 0, 300, 40));
  EXPECT_EQ(squared({0, 0, 1, 1}, {1, 1}), cv::Rect(0, 0, 1, 1));
}

TEST(LandmarkExtent, ImitatesLandmarksForADetectorThatGivesABoxOnly) {
  const Detection face{.box = {100, 200, 50, 100}};
  const cv::Rect2d extent = landmark_extent(face, {.dx = 0.1, .dy = -0.1, .width = 0.8, .height = 1.2});
  EXPECT_NEAR(extent.x, 110, 1e-9);  // centre 125 + 5, half of 40
  EXPECT_NEAR(extent.y, 180, 1e-9);  // centre 250 - 10, half of 120
  EXPECT_NEAR(extent.width, 40, 1e-9);
  EXPECT_NEAR(extent.height, 120, 1e-9);
}

TEST(LandmarkExtent, IsThatOfTheLandmarksWhereThereAreAny) {
  const Detection face{.box = {0, 0, 1, 1}, .landmarks = {{5, 7, 0}, {3, 9, 100}, {4, 8, -100}}};
  EXPECT_EQ(landmark_extent(face, {.width = 2}), cv::Rect2d(3, 7, 2, 2));
}

}  // namespace
}  // namespace dfpipe::face
