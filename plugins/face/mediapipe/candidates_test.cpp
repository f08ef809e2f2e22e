#include "candidates.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace dfpipe::face {
namespace {

TEST(BlazeAnchors, AreTheMiddlesOfBothGrids) {
  const std::vector<cv::Point2d> anchors = blaze_anchors(128);
  ASSERT_EQ(anchors.size(), 896u);
  EXPECT_EQ(anchors[0], cv::Point2d(0.5 / 16, 0.5 / 16));
  EXPECT_EQ(anchors[1], anchors[0]) << "two in a cell";
  EXPECT_EQ(anchors[2], cv::Point2d(1.5 / 16, 0.5 / 16)) << "row by row";
  EXPECT_EQ(anchors[511], cv::Point2d(15.5 / 16, 15.5 / 16));
  EXPECT_EQ(anchors[512], cv::Point2d(0.5 / 8, 0.5 / 8));
  EXPECT_EQ(anchors[517], anchors[512]) << "six in a cell";
  EXPECT_EQ(anchors[518], cv::Point2d(1.5 / 8, 0.5 / 8));
}

const cv::Point2d anchor{0.5, 0.25};

std::vector<Candidate> decode_one(std::vector<float> numbers, float logit, double min_score = 0.5) {
  numbers.resize(16);
  return decode(numbers, std::vector{logit}, std::vector{anchor}, 128, min_score);
}

TEST(Decode, MeasuresInPixelsOfTheInputFromTheAnchor) {
  const std::vector<Candidate> found = decode_one({12.8f, -6.4f, 64, 32, 1.28f, 2.56f}, 2);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].score, 0.880797, 1e-6);
  EXPECT_NEAR(found[0].box.x, 0.6 - 0.25, 1e-6);
  EXPECT_NEAR(found[0].box.y, 0.2 - 0.125, 1e-6);
  EXPECT_NEAR(found[0].box.width, 0.5, 1e-6);
  EXPECT_NEAR(found[0].box.height, 0.25, 1e-6);
  EXPECT_NEAR(found[0].points[0].x, 0.51, 1e-6);
  EXPECT_NEAR(found[0].points[0].y, 0.27, 1e-6);
  EXPECT_EQ(found[0].points[5], anchor);
}

TEST(Decode, LeavesOutWhatIsUnsureOrNoBox) {
  EXPECT_TRUE(decode_one({0, 0, 10, 10}, -0.01f).empty());
  EXPECT_EQ(decode_one({0, 0, 10, 10}, 0).size(), 1u) << "a score equal to the least is enough";
  EXPECT_TRUE(decode_one({0, 0, -1, 10}, 5).empty());
  EXPECT_TRUE(decode_one({0, 0, 10, -1}, 5).empty());
  EXPECT_TRUE(decode_one({std::numeric_limits<float>::quiet_NaN(), 0, 10, 10}, 5).empty());
  EXPECT_TRUE(decode_one({0, 0, 10, 10}, std::numeric_limits<float>::quiet_NaN()).empty());
  EXPECT_EQ(decode_one({0, 0, 10, 10}, 1e30f).size(), 1u);
}

Candidate at(double x, double score) {
  Candidate one{.score = score, .box = {x, 0, 1, 1}, .points = {}};
  one.points.fill({x, 10});
  return one;
}

TEST(WeightedSuppression, AveragesWhatOverlapsByMoreThanHalfAndKeepsTheSurestScore) {
  const std::vector<Candidate> faces = weighted_suppression({at(0.2, 0.6), at(5, 0.7), at(0, 0.9), at(0.1, 0.3)});
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_EQ(faces[0].score, 0.9);
  const double x = (0.9 * 0 + 0.6 * 0.2 + 0.3 * 0.1) / 1.8;
  EXPECT_NEAR(faces[0].box.x, x, 1e-12);
  EXPECT_NEAR(faces[0].box.width, 1, 1e-12);
  EXPECT_NEAR(faces[0].points[3].x, x, 1e-12);
  EXPECT_EQ(faces[1].score, 0.7);
}

TEST(WeightedSuppression, ComparesWithTheSurestOneOnly) {
  // Each overlaps its neighbour by 0.6 / 1.4 of the union or more, the ends do not overlap enough.
  const std::vector<Candidate> faces = weighted_suppression({at(0, 0.9), at(0.3, 0.8), at(0.6, 0.7)});
  ASSERT_EQ(faces.size(), 2u);
  EXPECT_EQ(faces[1].box.x, 0.6);
}

TEST(WeightedSuppression, TakesNothingAndBoxesWithoutArea) {
  EXPECT_TRUE(weighted_suppression({}).empty());
  Candidate flat = at(0, 0.9);
  flat.box.width = 0;
  EXPECT_EQ(weighted_suppression({flat, flat}).size(), 2u);
}

}  // namespace
}  // namespace dfpipe::face
