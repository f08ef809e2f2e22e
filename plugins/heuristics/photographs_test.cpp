#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "drawn.hpp"
#include "mesh_points.hpp"
#include "testing/assets.hpp"

/// Third-party photographs, where the folder with them is present.
namespace dfpipe::heuristics {
namespace {

using dfpipe::testing::assets;
using dfpipe::testing::why_no_asset;
using nlohmann::json;

class Photographs : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_asset("golden-face"); !why.empty()) GTEST_SKIP() << why;
  }

  static json golden(const std::string& name) { return json::parse(std::ifstream(assets() / "golden-face" / name)); }
  static cv::Mat photograph(const std::string& name) {
    cv::Mat rgb;
    cv::cvtColor(cv::imread((assets() / name).string(), cv::IMREAD_COLOR), rgb, cv::COLOR_BGR2RGB);
    return rgb;
  }
};

TEST_F(Photographs, LandmarksGiveAllSixMeasures) {
  const json all = golden("business_person_landmarks.json");
  const cv::Mat picture = photograph(all["photo"]);
  Face face;
  face.crop_box = {316, 121, 352, 393};
  for (const json& p : all["landmarks"])
    face.landmarks.emplace_back(p[0].get<float>() * static_cast<float>(picture.cols),
                                p[1].get<float>() * static_cast<float>(picture.rows), 0.0f);
  ASSERT_EQ(face.landmarks.size(), mesh::count);
  const Measures measures = measured(face, picture);
  for (const Measure& one : measures.all) {
    EXPECT_TRUE(one.score) << one.name;
    EXPECT_GT(one.validity, 0.5) << one.name << ": " << one.note;
  }
  EXPECT_GT(measures.total, 0.6);
  EXPECT_EQ(named(measures, "edges").validity, 1.0) << "landmarks give the outline itself";

  // Without the mesh, from the same face's eyes, nose and mouth.
  const auto at = [&](std::size_t i) { return cv::Point2f(face.landmarks[i].x, face.landmarks[i].y); };
  face.key_points =
      std::array<cv::Point2f, 5>{at(mesh::right_iris.centre), at(mesh::left_iris.centre), at(mesh::nose_tip),
                                 at(mesh::right_mouth_corner), at(mesh::left_mouth_corner)};
  face.landmarks.clear();
  const Measures by_points = measured(face, picture);
  EXPECT_NEAR(part(by_points, "texture", "detail"), part(measures, "texture", "detail"), 0.3);
  EXPECT_NEAR(part(by_points, "symmetry", "ssim"), part(measures, "symmetry", "ssim"), 0.1);
}

TEST_F(Photographs, LargeFacesAreValidSmallOnesAreNot) {
  std::size_t large = 0, small = 0;
  const json photos = golden("yunet2023_detections.json")["photos"];
  for (const auto& [name, photo] : photos.items()) {
    const cv::Mat picture = photograph("photos/" + name);
    for (const json& found : photo["faces"]) {
      const std::vector<double> box = found["box"];
      Face face;
      face.crop_box = cv::Rect(cv::Rect2d(box[0], box[1], box[2], box[3])) & cv::Rect({0, 0}, picture.size());
      std::array<cv::Point2f, 5> points;
      for (std::size_t i = 0; i < 5; ++i)
        points[i] = {found["keypoints"][i][0].get<float>(), found["keypoints"][i][1].get<float>()};
      face.key_points = points;
      const Measures all = measured(face, picture);
      ASSERT_EQ(all.all.size(), 6u) << name;
      if (box[2] > 150) {
        ++large;
        EXPECT_GT(named(all, "texture").validity, 0.9) << name;
        EXPECT_TRUE(all.total) << name;
      } else if (box[2] < 45) {
        ++small;
        EXPECT_LT(named(all, "texture").validity, 0.5) << name;
        EXPECT_LT(named(all, "eyes").validity, 0.5) << name;
      }
    }
  }
  EXPECT_GE(large, 8u);
  EXPECT_GE(small, 20u);
}

}  // namespace
}  // namespace dfpipe::heuristics
