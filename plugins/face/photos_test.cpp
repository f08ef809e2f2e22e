#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "detector.hpp"
#include "selection.hpp"

namespace dfpipe::face {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path photos() {
  const char* assets = std::getenv("DFPIPE_TEST_ASSETS");
  return fs::path(assets != nullptr ? assets : "../shared/assets") / "photos";
}

cv::Rect2d rect(const json& box) { return {box[0], box[1], box[2], box[3]}; }
cv::Point2d centre(const cv::Rect2d& box) { return {box.x + box.width / 2, box.y + box.height / 2}; }

struct Count {
  int faces = 0, found = 0, missed = 0, false_alarms = 0;
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
  Count count{.faces = static_cast<int>(truths.size())};
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

TEST(Photos, FrontalFacesAreFoundWithoutFalseAlarms) {
  std::ifstream file(photos() / "truth.json");
  if (!file) GTEST_SKIP() << (photos() / "truth.json") << " is not there: set DFPIPE_TEST_ASSETS";
  const auto detector = make_detector("dlib");
  std::map<std::string, Count> sets;
  const json truth = json::parse(file);
  for (const auto& [name, photo] : truth["photos"].items()) {
    const cv::Mat bgr = cv::imread((photos() / name).string(), cv::IMREAD_COLOR);
    ASSERT_FALSE(bgr.empty()) << name;
    cv::Mat rgb;
    cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    const Count one = compare(select_faces(detector->detect(rgb), {}), photo);
    Count& all = sets[name.substr(0, name.find('/'))];
    all.faces += one.faces;
    all.found += one.found;
    all.missed += one.missed;
    all.false_alarms += one.false_alarms;
  }
  std::printf("%-10s %6s %6s %6s %6s\n", "photos", "faces", "found", "missed", "false");
  for (const auto& [name, count] : sets)
    std::printf("%-10s %6d %6d %6d %6d\n", name.c_str(), count.faces, count.found, count.missed, count.false_alarms);
  EXPECT_EQ(sets["portraits"].found, 15);
  EXPECT_EQ(sets["groups"].found, 67);
  for (const char* set : {"portraits", "groups", "no-face"}) EXPECT_EQ(sets[set].false_alarms, 0) << set;
}

}  // namespace
}  // namespace dfpipe::face
