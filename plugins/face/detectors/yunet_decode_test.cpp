#include "yunet_decode.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace dfpipe::face {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A level that sees nothing in a picture of 64x32.
YunetLevel empty_level(int stride) {
  const int places = (64 / stride) * (32 / stride);
  const auto zeros = [&](int columns) { return cv::Mat(cv::Mat::zeros(places, columns, CV_32F)); };
  return {stride, zeros(1), zeros(1), zeros(4), zeros(10)};
}

const cv::Size padded(64, 32);

TEST(DecodeYunet, ReadsTheFormulaAtItsPlace) {
  YunetLevel level = empty_level(8);
  const int place = 2 * 8 + 5;  // row 2, column 5
  level.face.at<float>(place) = 0.81f;
  level.object.at<float>(place) = 1.0f;
  const float box[] = {0.25f, -0.5f, 1.0f, -1.0f};
  for (int i = 0; i < 4; ++i) level.box.at<float>(place, i) = box[i];
  for (int i = 0; i < 10; ++i) level.key_points.at<float>(place, i) = 0.5f * static_cast<float>(i);

  const std::vector<Detection> found = decode_yunet(level, padded, 0.5);
  ASSERT_THAT(found, SizeIs(1));
  const Detection& face = found.front();
  EXPECT_NEAR(face.score, 0.9, 1e-6);
  EXPECT_NEAR(face.box.width, 8 * std::exp(1.0), 1e-5);
  EXPECT_NEAR(face.box.height, 8 * std::exp(-1.0), 1e-5);
  EXPECT_NEAR(face.box.x + face.box.width / 2, 5.25 * 8, 1e-5);
  EXPECT_NEAR(face.box.y + face.box.height / 2, 1.5 * 8, 1e-5);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto offset = static_cast<double>(i);
    EXPECT_NEAR(face.key_points->at(i).x, (5 + offset) * 8, 1e-4);
    EXPECT_NEAR(face.key_points->at(i).y, (2 + offset + 0.5) * 8, 1e-4);
  }
}

TEST(DecodeYunet, ClampsBothFactorsOfTheScore) {
  YunetLevel level = empty_level(32);
  level.face.at<float>(0) = 7;
  level.object.at<float>(0) = 0.25f;
  level.face.at<float>(1) = -3;
  level.object.at<float>(1) = -3;
  const std::vector<Detection> found = decode_yunet(level, padded, 0.1);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_NEAR(found.front().score, 0.5, 1e-6);
}

TEST(DecodeYunet, LeavesOutWhatIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  YunetLevel level = empty_level(16);
  for (int i = 0; i < 4; ++i) level.face.at<float>(i) = level.object.at<float>(i) = 1;
  level.face.at<float>(0) = nan;
  level.box.at<float>(1, 2) = 1e4f;  // a width of e^10000
  level.box.at<float>(2, 0) = nan;
  level.key_points.at<float>(3, 9) = nan;
  EXPECT_THAT(decode_yunet(level, padded, 0.5), IsEmpty());
}

TEST(DecodeYunet, RefusesTensorsOfAnotherShape) {
  EXPECT_THROW(decode_yunet(empty_level(8), {64, 64}, 0.5), std::invalid_argument);
  YunetLevel level = empty_level(8);
  level.key_points = level.box;
  EXPECT_THROW(decode_yunet(level, padded, 0.5), std::invalid_argument);
  level = empty_level(8);
  level.face.convertTo(level.face, CV_64F);
  EXPECT_THROW(decode_yunet(level, padded, 0.5), std::invalid_argument);
}

Detection at(double x, double score) { return {.box = {x, 0, 10, 10}, .score = score}; }

TEST(SuppressOverlaps, KeepsTheSurestAndWhatOverlapsItLittle) {
  // The intersection over union of two boxes of 10 that are moved by 5 is 1/3, by 6 it is 1/4.
  const std::vector<Detection> kept = suppress_overlaps({at(5, 0.8), at(0, 0.9), at(16, 0.7), at(10, 0.6)}, 0.3);
  ASSERT_THAT(kept, SizeIs(3)) << "what is removed removes nothing";
  EXPECT_EQ(kept[0].box.x, 0);
  EXPECT_EQ(kept[1].box.x, 16);
  EXPECT_EQ(kept[2].box.x, 10);
}

TEST(SuppressOverlaps, DoesNotDependOnTheOrder) {
  std::vector<Detection> faces{at(0, 0.9), at(2, 0.9), at(4, 0.9), at(30, 0.9), at(31, 0.8)};
  const std::vector<Detection> expected = suppress_overlaps(faces, 0.3);
  std::ranges::reverse(faces);
  const std::vector<Detection> reversed = suppress_overlaps(faces, 0.3);
  ASSERT_EQ(expected.size(), reversed.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(expected[i].box, reversed[i].box);
}

}  // namespace
}  // namespace dfpipe::face
