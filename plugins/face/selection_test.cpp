#include "selection.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

namespace dfpipe::face {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Detection at(double x, double size, double score) { return {.box = {x, 10, size, size}, .score = score}; }

std::vector<double> lefts(const std::vector<Detection>& faces) {
  std::vector<double> x;
  for (const Detection& face : faces) x.push_back(face.box.x);
  return x;
}

TEST(SelectFaces, SortsFromLeftToRightWhateverTheOrderFound) {
  std::vector<Detection> found{at(300, 50, 0.2), at(100, 50, 0.9), at(200, 50, 0.5)};
  EXPECT_THAT(lefts(select_faces(found, {})), ElementsAre(100, 200, 300));
  std::ranges::reverse(found);
  EXPECT_THAT(lefts(select_faces(found, {})), ElementsAre(100, 200, 300));
}

TEST(SelectFaces, KeepsTheSurerOfTwoBoxesOnOneFace) {
  EXPECT_THAT(lefts(select_faces({at(100, 50, 0.2), at(105, 50, 0.9)}, {})), ElementsAre(105));
  EXPECT_THAT(lefts(select_faces({at(100, 90, 0.9), at(120, 30, 0.2)}, {})), ElementsAre(100)) << "one inside another";
  EXPECT_THAT(lefts(select_faces({at(100, 50, 0.9), at(130, 50, 0.2)}, {})), ElementsAre(100, 130)) << "neighbours";
}

TEST(SelectFaces, LeavesOutTheUnsureAndTheSmall) {
  EXPECT_THAT(lefts(select_faces({at(0, 50, 0.4), at(100, 50, 0.5)}, {.min_score = 0.5})), ElementsAre(100));
  EXPECT_THAT(lefts(select_faces({at(0, 39, 1), at(100, 40, 1)}, {.min_size = 40})), ElementsAre(100));
}

TEST(SelectFaces, KeepsTheLargestAndSortsThemFromLeftToRight) {
  const std::vector<Detection> found{at(300, 80, 0.2), at(0, 20, 0.9), at(100, 90, 0.5), at(200, 30, 0.8)};
  EXPECT_THAT(lefts(select_faces(found, {.max_faces = 2})), ElementsAre(100, 300));
}

TEST(SelectFaces, DropsBoxesThatAreNoBoxes) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(select_faces({at(nan, 50, 1), at(10, 0, 1), at(10, -5, 1), at(10, 50, nan)}, {}), IsEmpty());
}

}  // namespace
}  // namespace dfpipe::face
