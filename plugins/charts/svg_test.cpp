#include "charts/svg.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dfpipe::charts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> marks(double low, double high) {
  std::vector<std::string> texts;
  for (const Axis::Mark& mark : Axis::round("", low, high).marks) texts.push_back(mark.text);
  return texts;
}

TEST(Axis, RoundMarksAreMultiplesOfOneTwoOrFive) {
  EXPECT_THAT(marks(0, 1), ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1"));
  EXPECT_THAT(marks(0.55, 1), ElementsAre("0.6", "0.7", "0.8", "0.9", "1"));
  EXPECT_THAT(marks(0, 12340), ElementsAre("0", "2000", "4000", "6000", "8000", "10000", "12000"));
  EXPECT_THAT(marks(0, 2e-4), ElementsAre("0", "5e-05", "0.0001", "0.00015", "0.0002"));
  EXPECT_THAT(marks(-1, 3), ElementsAre("-1", "0", "1", "2", "3"));
}

TEST(Axis, RoundMarksAreFourToTenForEveryRangeAndInside) {
  for (double high = 1e-6; high < 1e7; high *= 1.07)
    for (const double low : {0.0, high / 3, -high}) {
      const Axis axis = Axis::round("", low, high);
      EXPECT_GE(axis.marks.size(), 4u) << low << " to " << high;
      EXPECT_LE(axis.marks.size(), 11u) << low << " to " << high;
      for (const Axis::Mark& mark : axis.marks) {
        EXPECT_GE(mark.at, low - 1e-6 * (high - low));
        EXPECT_LE(mark.at, high + 1e-6 * (high - low));
      }
    }
}

TEST(Plot, PlacesTheEndsOfTheAxesAtTheEndsOfTheField) {
  Plot plot("<title>", "about", Axis::round("x", 10, 20), Axis::round("y", 0, 1));
  plot.line({{10, 0}, {20, 1}}, "line s1");
  EXPECT_THAT(plot.svg(), HasSubstr("points=\"56.0,294.0 356.0,34.0\""));
  EXPECT_THAT(plot.svg(), HasSubstr("&lt;title&gt;"));
}

}  // namespace
}  // namespace dfpipe::charts
