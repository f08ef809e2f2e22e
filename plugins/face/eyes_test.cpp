#include "eyes.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "eye_finder.hpp"
#include "face_testing.hpp"

namespace dfpipe::face {
namespace {

const cv::Rect2d box(100, 100, 100, 120);

EyeCandidate candidate(double x, double y, double certainty) { return {cv::Point2f(cv::Point2d(x, y)), certainty}; }

TEST(SurestPair, TakesTheSurestOfThePairsThatCanBeEyes) {
  const auto eyes = surest_pair({candidate(170, 140, 9), candidate(130, 142, 8), candidate(132, 160, 5)}, box);
  ASSERT_TRUE(eyes);
  EXPECT_EQ((*eyes)[0], cv::Point2f(130, 142));
  EXPECT_EQ((*eyes)[1], cv::Point2f(170, 140));
}

TEST(SurestPair, RefusesWhatIsSteepNarrowWideOrAside) {
  EXPECT_FALSE(surest_pair({}, box));
  EXPECT_FALSE(surest_pair({candidate(130, 140, 9)}, box));
  EXPECT_FALSE(surest_pair({candidate(130, 140, 9), candidate(160, 155, 9)}, box)) << "27 degrees";
  EXPECT_TRUE(surest_pair({candidate(130, 140, 9), candidate(160, 153, 9)}, box)) << "23 degrees";
  EXPECT_FALSE(surest_pair({candidate(140, 140, 9), candidate(164, 140, 9)}, box)) << "0.24 of the width";
  EXPECT_FALSE(surest_pair({candidate(116, 140, 9), candidate(182, 140, 9)}, box)) << "0.66 of the width";
  EXPECT_FALSE(surest_pair({candidate(105, 140, 9), candidate(135, 140, 9)}, box)) << "all in the left half";
}

/// 478 landmarks in which every number tells its place.
std::vector<cv::Point3f> numbered() {
  std::vector<cv::Point3f> all;
  for (int i = 0; i < 478; ++i) all.emplace_back(static_cast<float>(i), static_cast<float>(1000 - i), 0.0f);
  return all;
}

TEST(FivePoints, AreTheMeansOfTheEyesRingsNoseAndMouthCorners) {
  const FivePoints five = five_points(numbered());
  EXPECT_NEAR(five[0].x,
              (33 + 7 + 163 + 144 + 145 + 153 + 154 + 155 + 133 + 246 + 161 + 160 + 159 + 158 + 157 + 173) / 16.0,
              1e-3);
  EXPECT_NEAR(five[1].x,
              (263 + 249 + 390 + 373 + 374 + 380 + 381 + 382 + 362 + 466 + 388 + 387 + 386 + 385 + 384 + 398) / 16.0,
              1e-3);
  EXPECT_EQ(five[2], cv::Point2f(1, 999));
  EXPECT_EQ(five[3], cv::Point2f(61, 939));
  EXPECT_EQ(five[4], cv::Point2f(291, 709));
  EXPECT_THROW(five_points(std::vector<cv::Point3f>(468)), std::invalid_argument);
}

TEST(KnownEyes, AreTheLandmarksOrElseTheKeyPoints) {
  Detection face;
  EXPECT_FALSE(known_eyes(face));
  face.key_points = FivePoints{{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}};
  EXPECT_EQ((*known_eyes(face))[1], cv::Point2f(3, 4));
  face.landmarks = numbered();
  EXPECT_EQ((*known_eyes(face))[1], five_points(face.landmarks)[1]);
}

TEST(EyeFinder, SearchesBoxesOfAnyPlaceAndSize) {
  if (!find_model_file(eye_cascade_file, "")) GTEST_SKIP() << "opencv-data is not installed";
  const EyeFinder finder(read_model_file(eye_cascade_file, ""));
  const cv::Mat picture = testing::painted("one_face.jpg");
  for (const cv::Rect2d& odd : {cv::Rect2d(-50, -50, 40, 40), cv::Rect2d(0, 0, 1, 1), cv::Rect2d(-1e6, -1e6, 2e6, 2e6),
                                cv::Rect2d(10, 10, 1e-3, 1e-3), cv::Rect2d(300, 300, 1e9, 1e9)})
    finder.find(picture, odd);
}

}  // namespace
}  // namespace dfpipe::face
