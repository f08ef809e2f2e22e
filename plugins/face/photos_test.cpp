#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/core/utility.hpp>

#include "crop_box.hpp"
#include "face_testing.hpp"
#include "finder.hpp"

namespace dfpipe::face {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path photos() { return testing::assets() / "photos"; }

cv::Rect2d rect(const json& box) { return {box[0], box[1], box[2], box[3]}; }
cv::Point2d centre(const cv::Rect2d& box) { return {box.x + box.width / 2, box.y + box.height / 2}; }

struct Count {
  int pictures = 0, faces = 0, found = 0, missed = 0, false_alarms = 0;
  double milliseconds = 0;

  Count& operator+=(const Count& other) {
    pictures += other.pictures;
    faces += other.faces;
    found += other.found;
    missed += other.missed;
    false_alarms += other.false_alarms;
    milliseconds += other.milliseconds;
    return *this;
  }
};

/// A detection hits a truth box when their centres differ by less than half the truth's size on each axis and the root
/// of their areas' ratio is in 0.45..2.2.
bool hits(const cv::Rect2d& box, const cv::Rect2d& truth) {
  const cv::Point2d away = centre(box) - centre(truth);
  const double size = std::sqrt(box.area() / truth.area());
  return std::abs(away.x) < truth.width / 2 && std::abs(away.y) < truth.height / 2 && size >= 0.45 && size <= 2.2;
}

Count compare(const std::vector<Detection>& found, const json& photo) {
  std::vector<cv::Rect2d> truths;
  for (const json& box : photo["boxes"]) truths.push_back(rect(box));
  Count count{.pictures = 1, .faces = static_cast<int>(truths.size())};
  for (const Detection& face : found) {
    const auto hit = std::ranges::find_if(truths, [&](const cv::Rect2d& truth) { return hits(face.box, truth); });
    if (hit != truths.end()) {
      truths.erase(hit);
      ++count.found;
      continue;
    }
    const json ignored = photo.value("ignore", json::array());
    if (std::ranges::none_of(ignored, [&](const json& area) { return rect(area).contains(centre(face.box)); }))
      ++count.false_alarms;
  }
  count.missed = static_cast<int>(truths.size());
  return count;
}

/// The sets of photographs, each measured with the finder; empty where the photographs are not there.
std::map<std::string, Count> measure(const FaceFinder& finder) {
  std::ifstream file(photos() / "truth.json");
  std::map<std::string, Count> sets;
  if (!file) return sets;
  const json truth = json::parse(file);
  cv::setNumThreads(1);
  for (const auto& [name, photo] : truth["photos"].items()) {
    const cv::Mat rgb = testing::read_picture(photos() / name);
    finder.find(rgb);  // buffers of this size are made
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Detection> found = finder.find(rgb);
    Count one = compare(found, photo);
    one.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    sets[name.substr(0, name.find('/'))] += one;
  }
  return sets;
}

void print(const std::string& detector, const std::map<std::string, Count>& sets) {
  std::printf("%-10s %-10s %8s %6s %6s %6s %6s %9s\n", "detector", "photos", "pictures", "faces", "found", "missed",
              "false", "ms each");
  for (const auto& [name, count] : sets)
    std::printf("%-10s %-10s %8d %6d %6d %6d %6d %9.1f\n", detector.c_str(), name.c_str(), count.pictures, count.faces,
                count.found, count.missed, count.false_alarms, count.milliseconds / count.pictures);
}

/// What a detector must find of each set, and how often it may be wrong on all of them.
struct Bar {
  std::string detector;
  int portraits = 0, groups = 0, hard = 0, frontal = 0, false_alarms = 0;
};

class Photos : public ::testing::TestWithParam<Bar> {};

INSTANTIATE_TEST_SUITE_P(Each, Photos,
                         ::testing::Values(Bar{"yunet", 15, 67, 4, 82, 1}, Bar{"yunet+mesh", 15, 67, 4, 82, 1},
                                           Bar{"mediapipe", 15, 10, 0, 25, 0}, Bar{"dlib", 15, 67, 0, 82, 0},
                                           Bar{"haar", 0, 0, 0, 74, 0}),
                         [](const auto& each) {
                           std::string name = each.param.detector;
                           std::ranges::replace(name, '+', '_');
                           return name;
                         });

TEST_P(Photos, AreSearchedAsWellAsMeasuredBefore) {
  const Bar& bar = GetParam();
  if (const std::string why = testing::why_absent(bar.detector); !why.empty()) GTEST_SKIP() << why;
  const FaceFinder finder(testing::options(bar.detector));
  std::map<std::string, Count> sets = measure(finder);
  if (sets.empty()) GTEST_SKIP() << testing::why_no_asset("photos/truth.json");
  print(bar.detector, sets);
  EXPECT_GE(sets["portraits"].found, bar.portraits);
  EXPECT_GE(sets["groups"].found, bar.groups);
  EXPECT_GE(sets["hard"].found, bar.hard);
  EXPECT_GE(sets["portraits"].found + sets["groups"].found, bar.frontal);
  int false_alarms = 0;
  for (const auto& [name, count] : sets) false_alarms += count.false_alarms;
  EXPECT_LE(false_alarms, bar.false_alarms);
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

class UsualLandmarkBox : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Each, UsualLandmarkBox, ::testing::Values("yunet", "dlib", "haar"));

/// Boxes that a detector without landmarks gives are brought to where landmarks would lie by these medians.
TEST_P(UsualLandmarkBox, IsTheMedianOverThePhotographs) {
  if (const std::string why = testing::why_absent(GetParam() + "+mesh"); !why.empty()) GTEST_SKIP() << why;
  std::ifstream file(photos() / "truth.json");
  if (!file) GTEST_SKIP() << testing::why_no_asset("photos/truth.json");
  const FaceFinder finder(testing::options(GetParam() + "+mesh"));
  std::vector<double> dx, dy, width, height;
  const json truth = json::parse(file);
  for (const auto& [name, photo] : truth["photos"].items())
    for (const Detection& face : finder.find(testing::read_picture(photos() / name))) {
      if (face.landmarks.empty()) continue;
      const cv::Rect2d extent = landmark_extent(face, {});
      const cv::Point2d moved = centre(extent) - centre(face.box);
      dx.push_back(moved.x / face.box.width);
      dy.push_back(moved.y / face.box.height);
      width.push_back(extent.width / face.box.width);
      height.push_back(extent.height / face.box.height);
    }
  const LandmarkBox measured{median(dx), median(dy), median(width), median(height)}, used = finder.landmark_box();
  std::printf("%s: %zu faces, dx %+.3f dy %+.3f width %.3f height %.3f\n", GetParam().c_str(), dx.size(), measured.dx,
              measured.dy, measured.width, measured.height);
  EXPECT_GE(dx.size(), 60u);
  constexpr double off = 0.025;  // in box widths and heights: what the choice of photographs moves
  EXPECT_NEAR(used.dx, measured.dx, off);
  EXPECT_NEAR(used.dy, measured.dy, off);
  EXPECT_NEAR(used.width, measured.width, off);
  EXPECT_NEAR(used.height, measured.height, off);
}

}  // namespace
}  // namespace dfpipe::face
