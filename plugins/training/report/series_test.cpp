#include "series.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dfpipe::training {
namespace {

using charts::Point;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Smoothed, IsTheWeightedMeanOfWhatCameBefore) {
  const std::vector<Point> points{{1, 3}, {2, -1}, {3, nan}, {4, 8}};
  const auto out = smoothed(points, 4);
  ASSERT_EQ(out.size(), 3u);
  const double keep = 0.75;
  EXPECT_DOUBLE_EQ(out[0].y, 3) << "no pull to zero";
  EXPECT_DOUBLE_EQ(out[1].y, (-1 + keep * 3) / (1 + keep));
  EXPECT_DOUBLE_EQ(out[2].y, (8 + keep * -1 + keep * keep * 3) / (1 + keep + keep * keep));
  EXPECT_EQ(out[2].x, 4);
}

TEST(Smoothed, OverOneIsTheSeriesItself) {
  const auto out = smoothed({{1, 3}, {2, -1}}, 1);
  EXPECT_EQ(out[0].y, 3);
  EXPECT_EQ(out[1].y, -1);
}

TEST(Thinned, GivesMeansOfNeighboursAndNoMoreThanWanted) {
  std::vector<Point> points;
  for (int i = 0; i < 10; ++i) points.push_back({double(i), double(i * i)});
  const auto out = thinned(points, 5);
  ASSERT_EQ(out.size(), 5u);
  EXPECT_DOUBLE_EQ(out[0].x, 0.5);
  EXPECT_DOUBLE_EQ(out[0].y, 0.5);
  EXPECT_DOUBLE_EQ(out[4].x, 8.5);
  EXPECT_DOUBLE_EQ(out[4].y, (64 + 81) / 2.0);
  EXPECT_EQ(thinned(points, 7).size(), 7u);
  EXPECT_EQ(thinned(points, 10).size(), 10u);
}

TEST(Thinned, LeavesOutWhatIsNoNumber) {
  const auto out = thinned({{1, nan}, {2, 5}, {3, std::numeric_limits<double>::infinity()}}, 10);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].x, 2);
  EXPECT_TRUE(thinned({}, 3).empty());
}

}  // namespace
}  // namespace dfpipe::training
