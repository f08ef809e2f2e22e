#include "align.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "similarity.hpp"

namespace dfpipe::face {
namespace {

/// The template turned by `angle`, scaled and moved.
FivePoints moved(const FivePoints& points, double angle, double scale, cv::Point2d shift) {
  FivePoints out;
  for (std::size_t i = 0; i < points.size(); ++i)
    out[i] =
        cv::Point2f(cv::Point2d(scale * (std::cos(angle) * points[i].x - std::sin(angle) * points[i].y) + shift.x,
                                scale * (std::sin(angle) * points[i].x + std::cos(angle) * points[i].y) + shift.y));
  return out;
}

std::optional<cv::Matx23d> similarity(const FivePoints& from, const FivePoints& to) {
  const std::vector<cv::Point2d> a(from.begin(), from.end()), b(to.begin(), to.end());
  const auto found = fit_similarity(a, b);
  return found ? std::optional(found->matrix()) : std::nullopt;
}

TEST(AlignedTemplate, IsDeepfakeBenchsAtItsUsualScale) {
  const FivePoints points = aligned_template(1.3, 256);
  // (38.2946 + 0.15 x 112) x 256 / (112 x 1.3)
  EXPECT_NEAR(points[0].x, 96.868, 1e-2);
  EXPECT_NEAR(points[0].y, 120.435, 1e-2);
  EXPECT_NEAR(points[4].x, 153.893, 1e-2);
  EXPECT_NEAR(points[4].y, 191.652, 1e-2);
  EXPECT_NEAR(aligned_template(1, 112)[2].x, 56.0252, 1e-4);
}

TEST(Similarity, UndoesARotationAScaleAndAShift) {
  const FivePoints to = aligned_template(1.3, 256);
  const FivePoints from = moved(to, 0.4, 2.5, {300, -40});
  const auto found = similarity(from, to);
  ASSERT_TRUE(found);
  for (std::size_t i = 0; i < 5; ++i) {
    const cv::Vec2d p = *found * cv::Vec3d(from[i].x, from[i].y, 1);
    EXPECT_NEAR(p[0], to[i].x, 1e-3);
    EXPECT_NEAR(p[1], to[i].y, 1e-3);
  }
}

TEST(Similarity, IsTheLeastSquaresOneAndDoesNotMirror) {
  const FivePoints to = aligned_template(1.3, 256);
  FivePoints from = to;
  for (std::size_t i = 0; i < 5; ++i) from[i] += cv::Point2f(static_cast<float>(i * i), 3.0f * static_cast<float>(i));
  const auto found = similarity(from, to);
  ASSERT_TRUE(found);
  EXPECT_GT((*found)(0, 0) * (*found)(1, 1) - (*found)(0, 1) * (*found)(1, 0), 0);
  const auto error = [&](const cv::Matx23d& m) {
    double sum = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const cv::Vec2d p = m * cv::Vec3d(from[i].x, from[i].y, 1);
      sum += std::pow(p[0] - to[i].x, 2) + std::pow(p[1] - to[i].y, 2);
    }
    return sum;
  };
  const double best = error(*found);
  for (const double by : {-1e-3, 1e-3}) {
    cv::Matx23d scaled = *found, turned = *found, shifted = *found;
    scaled(0, 0) += by, scaled(1, 1) += by;
    turned(0, 1) -= by, turned(1, 0) += by;
    shifted(0, 2) += by;
    for (const cv::Matx23d& other : {scaled, turned, shifted}) EXPECT_GT(error(other), best);
  }
}

TEST(Similarity, IsRefusedForPointsThatAreNone) {
  const FivePoints to = aligned_template(1.3, 256);
  EXPECT_FALSE(similarity({}, to));
  FivePoints from = to;
  from[3].x = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(similarity(from, to));
  from[3].x = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(similarity(from, to));
}

/// A picture in which every pixel tells its place: red the column, green the row.
cv::Mat places() {
  cv::Mat picture(200, 200, CV_8UC3);
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x)
      picture.at<cv::Vec3b>(y, x) = {static_cast<unsigned char>(x), static_cast<unsigned char>(y), 7};
  return picture;
}

TEST(AlignFace, ShowsThePictureUnchangedWhereTheFaceLiesAsTheTemplate) {
  const cv::Mat picture = places();
  const auto face = align_face(picture, moved(aligned_template(1.3, 96), 0, 1, {30, 40}), 1.3, 96);
  ASSERT_TRUE(face);
  EXPECT_EQ(face->crop_box, cv::Rect(30, 40, 96, 96));
  EXPECT_LE(cv::norm(face->pixels, picture(face->crop_box), cv::NORM_INF), 1);
}

TEST(AlignFace, BringsEveryPixelToItsPlaceWhenItShrinksAndTurns) {
  const FivePoints wanted = aligned_template(1.3, 64);
  const double angle = 0.3, scale = 1.8;
  const auto face = align_face(places(), moved(wanted, angle, scale, {60, 30}), 1.3, 64);
  ASSERT_TRUE(face);
  for (const cv::Point at : {cv::Point(10, 12), cv::Point(32, 32), cv::Point(55, 20), cv::Point(40, 60)}) {
    const cv::Vec3b pixel = face->pixels.at<cv::Vec3b>(at);
    EXPECT_NEAR(pixel[0], scale * (std::cos(angle) * at.x - std::sin(angle) * at.y) + 60, 1.5) << at;
    EXPECT_NEAR(pixel[1], scale * (std::sin(angle) * at.x + std::cos(angle) * at.y) + 30, 1.5) << at;
  }
}

TEST(AlignFace, ShrinksByTheMeanOfAreas) {
  cv::Mat stripes(1024, 1024, CV_8UC3);
  for (int x = 0; x < stripes.cols; ++x) stripes.col(x).setTo(cv::Scalar::all(x % 2 == 0 ? 0 : 255));
  const auto face = align_face(stripes, moved(aligned_template(1.3, 64), 0, 10, {100, 100}), 1.3, 64);
  ASSERT_TRUE(face);
  cv::Mat mean, deviation;
  cv::meanStdDev(face->pixels, mean, deviation);
  EXPECT_NEAR(mean.at<double>(0), 127.5, 2);
  EXPECT_LT(deviation.at<double>(0), 8) << "stripes of one pixel would alias";
}

TEST(AlignFace, IsBlackBeyondThePicture) {
  const auto face = align_face(cv::Mat(100, 100, CV_8UC3, cv::Scalar::all(200)),
                               moved(aligned_template(1.3, 96), 0, 1, {-48, 0}), 1.3, 96);
  ASSERT_TRUE(face);
  EXPECT_EQ(face->crop_box, cv::Rect(0, 0, 48, 96));
  EXPECT_EQ(face->pixels.at<cv::Vec3b>(50, 10), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(face->pixels.at<cv::Vec3b>(50, 80), cv::Vec3b(200, 200, 200));
}

TEST(AlignFace, IsNothingWhereNothingCanBeShown) {
  const cv::Mat picture = places();
  EXPECT_FALSE(align_face(picture, moved(aligned_template(1.3, 96), 0, 1, {500, 0}), 1.3, 96));
  EXPECT_FALSE(align_face(picture, {}, 1.3, 96));
}

TEST(AlignFace, TakesPicturesAndFacesOfAnySize) {
  const cv::Mat panorama(40, 40000, CV_8UC3, cv::Scalar::all(9));
  const auto far = align_face(panorama, moved(aligned_template(1.3, 96), 0, 0.3, {39000, 5}), 1.3, 96);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->pixels.at<cv::Vec3b>(48, 48), cv::Vec3b(9, 9, 9));
  for (const double scale : {1e-3, 1.0, 300.0}) {
    const auto face = align_face(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(9)),
                                 moved(aligned_template(1.3, 96), 0.5, scale, {0, 0}), 1.3, 96);
    EXPECT_TRUE(!face || face->pixels.size() == cv::Size(96, 96));
  }
}

}  // namespace
}  // namespace dfpipe::face
