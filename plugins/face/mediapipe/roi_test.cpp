#include "roi.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace dfpipe::face {
namespace {

cv::Point2d in_picture(const Roi& roi, double x, double y) {
  const cv::Vec2d at = roi.to_picture() * cv::Vec3d(x, y, 1);
  return {at[0], at[1]};
}

void expect_near(const cv::Point2d& a, const cv::Point2d& b, double tolerance = 1e-9) {
  EXPECT_NEAR(a.x, b.x, tolerance);
  EXPECT_NEAR(a.y, b.y, tolerance);
}

TEST(Roi, LiesInThePictureAsItsNumbersSay) {
  const Roi upright{{100, 50}, 40, 20, 0};
  expect_near(in_picture(upright, 0, 0), {80, 40});
  expect_near(in_picture(upright, 1, 1), {120, 60});
  const Roi turned{{100, 50}, 40, 20, std::numbers::pi / 2};
  expect_near(in_picture(turned, 0.5, 0.5), {100, 50});
  expect_near(in_picture(turned, 1, 0.5), {100, 70});
}

TEST(Roi, OfAPictureIsTheSquareAroundIt) {
  const Roi roi = roi_of_picture({300, 100});
  expect_near(in_picture(roi, 0, 0), {0, -100});
  expect_near(in_picture(roi, 1, 1), {300, 200});
}

TEST(Roi, OfABoxIsLevelWithTheEyes) {
  const Roi roi = roi_of_box({10, 20, 100, 80}, {cv::Point2d(40, 50), cv::Point2d(80, 90)});
  EXPECT_NEAR(roi.rotation, std::numbers::pi / 4, 1e-12);
  EXPECT_EQ(roi.width, 150);
  EXPECT_EQ(roi.height, 120);
  expect_near(roi.centre, {60, 60});
  const cv::Point2d along = in_picture(roi, 1, 0.5) - in_picture(roi, 0, 0.5);
  EXPECT_NEAR(along.x, along.y, 1e-9);
}

TEST(Roi, OfAnUpsideDownFaceIsTurnedByHalf) {
  const Roi roi = roi_of_box({0, 0, 10, 10}, {cv::Point2d(8, 5), cv::Point2d(2, 5)});
  EXPECT_NEAR(std::abs(roi.rotation), std::numbers::pi, 1e-12);
}

TEST(Roi, OfADetectionWithoutKeyPointsIsUprightAndSquare) {
  Detection face;
  face.box = {100, 100, 89, 103};
  const Roi roi = roi_of_detection(face, {});
  EXPECT_EQ(roi.rotation, 0);
  EXPECT_NEAR(roi.width, 150, 1e-9);
  EXPECT_EQ(roi.width, roi.height);
  expect_near(roi.centre, {146.5, 154.5});
}

TEST(Roi, OfADetectionWithKeyPointsLiesAroundTheirMean) {
  Detection face;
  face.box = {0, 0, 100, 100};
  face.key_points = {{{30, 40}, {70, 40}, {50, 60}, {35, 80}, {65, 80}}};
  const Roi roi = roi_of_detection(face, {});
  expect_near(roi.centre, {50, 60}, 1e-5);
  EXPECT_NEAR(roi.width, 150, 1e-9);
}

TEST(Roi, IsUnusableWithoutAreaOrNumbers) {
  EXPECT_TRUE((Roi{{0, 0}, 1, 1, 0}).is_usable());
  EXPECT_FALSE((Roi{{0, 0}, 0, 1, 0}).is_usable());
  EXPECT_FALSE((Roi{{0, 0}, 1, -1, 0}).is_usable());
  EXPECT_FALSE((Roi{{std::numeric_limits<double>::quiet_NaN(), 0}, 1, 1, 0}).is_usable());
  EXPECT_FALSE((Roi{{0, 0}, std::numeric_limits<double>::infinity(), 1, 0}).is_usable());
}

cv::Mat gradient(int width, int height) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      picture.at<cv::Vec3b>(y, x) = {static_cast<std::uint8_t>(2 * x), static_cast<std::uint8_t>(2 * y), 7};
  return picture;
}

TEST(CutOut, ShowsTheRectangleEnlarged) {
  const cv::Mat out = cut_out(gradient(100, 100), {{50, 50}, 50, 50, 0}, 100, Border::black);
  EXPECT_EQ(out.size(), cv::Size(100, 100));
  EXPECT_NEAR(out.at<cv::Vec3b>(0, 0)[0], 50, 1);
  EXPECT_NEAR(out.at<cv::Vec3b>(40, 80)[0], 50 + 80, 1);
  EXPECT_NEAR(out.at<cv::Vec3b>(40, 80)[1], 50 + 40, 1);
}

TEST(CutOut, FillsWhatLiesBesideThePicture) {
  const Roi beyond{{0, 50}, 100, 100, 0};
  EXPECT_EQ(cut_out(gradient(100, 100), beyond, 10, Border::black).at<cv::Vec3b>(5, 0), cv::Vec3b(0, 0, 0));
  const cv::Vec3b repeated = cut_out(gradient(100, 100), beyond, 10, Border::replicate).at<cv::Vec3b>(5, 0);
  EXPECT_EQ(repeated[0], 0);
  EXPECT_NEAR(repeated[1], 100, 2);
}

TEST(CutOut, GivesTheSameFromAPictureTooLargeForTheWarp) {
  const cv::Mat small = gradient(120, 100);
  cv::Mat large(100, 40000, CV_8UC3, cv::Scalar::all(0));
  cv::Mat place = large(cv::Rect(30000, 0, 120, 100));
  small.copyTo(place);
  const Roi here{{60, 50}, 60, 70, 0.3}, there{{30060, 50}, 60, 70, 0.3};
  EXPECT_LE(cv::norm(cut_out(small, here, 64, Border::black), cut_out(large, there, 64, Border::black), cv::NORM_INF),
            2);
}

TEST(CutOut, TakesARectangleFarBesideALargePicture) {
  const cv::Mat large(2, 20000, CV_8UC3, cv::Scalar::all(9));
  EXPECT_EQ(cut_out(large, {{90000, -5000}, 60, 70, 0.3}, 8, Border::replicate).at<cv::Vec3b>(4, 4),
            cv::Vec3b(9, 9, 9));
}

}  // namespace
}  // namespace dfpipe::face
