#include "backends.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <thread>

#include "face_testing.hpp"
#include "finder.hpp"

namespace dfpipe::face {
namespace {

using testing::asset_models;
using testing::blank;
using testing::options;
using testing::painted;

/// The promises that every backend keeps.
class Backends : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = testing::why_absent(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }

  /// With the backend's own choices; made once a backend.
  static const FaceFinder& finder() {
    static std::map<std::string, std::unique_ptr<FaceFinder>> made;
    auto& one = made[GetParam()];
    if (!one) one = std::make_unique<FaceFinder>(options(GetParam()));
    return *one;
  }
};

INSTANTIATE_TEST_SUITE_P(Each, Backends, ::testing::ValuesIn(testing::finders), [](const auto& each) {
  std::string name = each.param;
  std::ranges::replace(name, '+', '_');
  return name;
});

bool inside(const cv::Rect2d& box, const cv::Point2d& point) { return box.contains(point); }
cv::Point2d centre(const cv::Rect2d& box) { return {box.x + box.width / 2, box.y + box.height / 2}; }

/// mediapipe looks at 128 x 128 pixels of the whole picture.
constexpr const char* sees_large_faces_only = "mediapipe";

TEST_P(Backends, AreNamedByWhatTheyAre) { EXPECT_EQ(finder().name(), GetParam()); }

TEST_P(Backends, FindThePaintedFacesFromLeftToRight) {
  EXPECT_EQ(finder().find(painted("one_face.jpg")).size(), 1u);
  EXPECT_EQ(finder().find(painted("no_face.jpg")).size(), 0u);
  const std::vector<Detection> two = finder().find(painted("two_faces.jpg"));
  ASSERT_EQ(two.size(), 2u);
  EXPECT_LT(two[0].box.x, two[1].box.x);
}

TEST_P(Backends, SayTheSameToManyThreadsAtOnce) {
  const Backend backend = make_backend(options(GetParam()));
  const auto detect = [&](const cv::Mat& rgb) { return select_faces(backend.detector->detect(rgb), {}); };
  const cv::Mat one = painted("one_face.jpg"), two = painted("two_faces.jpg");
  const std::vector<Detection> expected_one = detect(one);
  const std::vector<Detection> expected_two = detect(two);
  ASSERT_FALSE(expected_one.empty());
  std::vector<int> wrong(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&, t] {
        for (int round = 0; round < 3; ++round) {
          const bool second = (t + static_cast<std::size_t>(round)) % 2 != 0;
          const auto found = detect(second ? two : one);
          const bool equal = std::ranges::equal(
              found, second ? expected_two : expected_one, [](const Detection& a, const Detection& b) {
                return a.box == b.box && a.score == b.score && a.key_points == b.key_points;
              });
          wrong[t] += equal ? 0 : 1;
        }
      });
  }
  EXPECT_THAT(wrong, ::testing::Each(0));
}

TEST_P(Backends, TakePicturesOfAnyShape) {
  for (const auto& [width, height] :
       {std::pair{1, 1}, {1, 4000}, {12000, 1}, {12000, 30}, {30, 12000}, {19, 21}, {41, 20}, {31, 33}})
    EXPECT_TRUE(finder().find(blank(width, height)).empty()) << width << " x " << height;
}

TEST_P(Backends, SayTheSameOfASmallPictureWhateverCameBefore) {
  const cv::Mat small = painted("one_face.jpg")(cv::Rect(100, 100, 30, 90)).clone(), other = painted("two_faces.jpg");
  const std::size_t faces = finder().find(small).size();
  for (int i = 0; i < 10; ++i) {
    finder().find(other);
    EXPECT_EQ(finder().find(small).size(), faces);
  }
}

TEST_P(Backends, FindAFaceInAPanorama) {
  cv::Mat panorama = blank(12000, 700);
  const cv::Mat face = painted("one_face.jpg");
  const cv::Rect place({9000, 100}, face.size());
  cv::Mat there = panorama(place);
  face.copyTo(there);
  const FaceFinder large(options(GetParam(), {.max_side = 1280}));
  const std::vector<Detection> found = large.find(panorama);
  if (GetParam() == sees_large_faces_only) {
    EXPECT_TRUE(found.empty());
    return;
  }
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(inside(place, centre(found[0].box))) << found[0].box;
}

TEST_P(Backends, FindSixtyFaces) {
  const cv::Mat face = painted("one_face.jpg");
  cv::Mat wall;
  cv::repeat(face, 6, 10, wall);
  const FaceFinder large(options(GetParam(), {.max_side = 2000}));
  const std::vector<Detection> found = large.find(wall);
  if (GetParam() == sees_large_faces_only)
    EXPECT_LE(found.size(), 60u);
  else
    EXPECT_EQ(found.size(), 60u);
  EXPECT_TRUE(std::ranges::is_sorted(found, {}, [](const Detection& one) { return centre(one.box).x; }));
}

TEST_P(Backends, GiveAFaceOnce) {
  for (const std::string name : {"one_face.jpg", "two_faces.jpg"}) {
    const std::vector<Detection> found = finder().find(painted(name));
    for (const Detection& a : found)
      for (const Detection& b : found)
        EXPECT_TRUE(&a == &b || (a.box & b.box).area() < 0.3 * a.box.area()) << a.box << b.box;
  }
}

TEST_P(Backends, KeepAFaceThatTheBorderCuts) {
  const cv::Mat picture = painted("one_face.jpg");
  const std::vector<Detection> whole = finder().find(picture);
  ASSERT_EQ(whole.size(), 1u);
  const cv::Rect2d box = whole[0].box;
  const int cut = static_cast<int>(box.x + 0.08 * box.width);
  const std::vector<Detection> found = finder().find(picture.colRange(cut, picture.cols).clone());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(centre(found[0].box).x + cut, centre(box).x, 0.15 * box.width);
}

TEST_P(Backends, GiveCoordinatesOfThePictureAndNotOfItsReducedCopy) {
  const cv::Mat picture = painted("one_face.jpg");
  cv::Mat large;
  cv::resize(picture, large, {}, 6, 6, cv::INTER_CUBIC);
  const std::vector<Detection> expected = finder().find(picture);
  const FaceFinder small(options(GetParam(), {.max_side = 400}));
  const std::vector<Detection> found = small.find(large);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].box.width / 6, expected[0].box.width, 0.1 * expected[0].box.width);
  EXPECT_NEAR(centre(found[0].box).x / 6, centre(expected[0].box).x, 0.1 * expected[0].box.width);
  EXPECT_NEAR(centre(found[0].box).y / 6, centre(expected[0].box).y, 0.1 * expected[0].box.width);
}

TEST_P(Backends, LeaveOutTheLessCertain) {
  const cv::Mat picture = painted("two_faces.jpg");
  double surest = 0;
  for (const Detection& face : finder().find(picture)) surest = std::max(surest, face.score);
  const FaceFinder strict(options(GetParam(), {.min_score = surest + 1e-9}));
  EXPECT_TRUE(strict.find(picture).empty());
}

TEST_P(Backends, TellTheEyesOfAPaintedFace) {
  const std::vector<Detection> found = finder().find(painted("one_face.jpg"));
  ASSERT_EQ(found.size(), 1u);
  if (!finder().gives_key_points() && !find_model_file(eye_cascade_file, ""))
    GTEST_SKIP() << "opencv-data is not installed";
  ASSERT_TRUE(found[0].eyes);
  const auto [left, right] = *found[0].eyes;
  EXPECT_LT(left.x, right.x);
  EXPECT_TRUE(inside(found[0].box, left) && inside(found[0].box, right));
}

TEST(MakeBackend, RefusesANameItDoesNotKnow) {
  EXPECT_THROW(make_backend({.detector = "eyes"}), std::invalid_argument);
}

TEST(MakeBackend, TakesTheBestWhoseFileIsThere) {
  EXPECT_EQ(make_backend({}).detector->name(), "dlib");
  if (const std::string why = testing::why_absent("yunet"); !why.empty()) GTEST_SKIP() << why;
  const Backend yunet = make_backend({.models = asset_models(), .landmarks = LandmarkUse::off});
  EXPECT_EQ(yunet.detector->name(), "yunet");
  ASSERT_EQ(yunet.files.size(), 1u);
  EXPECT_EQ(yunet.files[0].sha256, "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4");
}

}  // namespace
}  // namespace dfpipe::face
