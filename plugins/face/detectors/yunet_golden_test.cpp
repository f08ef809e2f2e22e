#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "backends.hpp"
#include "face_testing.hpp"
#include "yunet_detector.hpp"

namespace dfpipe::face {
namespace {

using nlohmann::json;

/// The numbers are those of another implementation of the same formulas: tests/data holds none of them.
TEST(Yunet, AgreesWithTheReferenceOnEveryPhotograph) {
  const std::filesystem::path numbers = "golden-face/yunet2023_detections.json";
  if (const std::string why = testing::why_no_asset(numbers); !why.empty()) GTEST_SKIP() << why;
  if (const std::string why = testing::why_absent("yunet"); !why.empty()) GTEST_SKIP() << why;
  const json golden = json::parse(std::ifstream(testing::assets() / numbers));
  const double score_off = golden["tolerance"]["score"], pixels_off = golden["tolerance"]["px_at_reduced_size"];
  const auto detector = make_yunet_detector(read_model_file(yunet_file, testing::asset_models()), {.max_side = 1e6});
  std::size_t faces = 0;
  for (const auto& [name, photo] : golden["photos"].items()) {
    const cv::Mat picture = testing::read_picture(testing::assets() / "photos" / name);
    // The reference reduced by the longest side, this detector by the area: it is given the reduced copy.
    const double scale = photo["scale"];
    cv::Mat copy = picture;
    if (scale < 1) cv::resize(picture, copy, {}, scale, scale, cv::INTER_AREA);
    const double sx = 1 / scale, sy = 1 / scale;
    std::vector<Detection> found = detector->detect(copy);
    ASSERT_EQ(found.size(), photo["faces"].size()) << name;
    for (const json& expected : photo["faces"]) {
      ++faces;
      const json &box = expected["box"], &points = expected["keypoints"];
      const auto nearest = std::ranges::min_element(found, {}, [&](const Detection& face) {
        return std::hypot(face.box.x * sx - box[0].get<double>(), face.box.y * sy - box[1].get<double>());
      });
      EXPECT_NEAR(nearest->score, expected["score"], score_off) << name;
      EXPECT_NEAR(nearest->box.x, box[0].get<double>() / sx, pixels_off) << name;
      EXPECT_NEAR(nearest->box.y, box[1].get<double>() / sy, pixels_off) << name;
      EXPECT_NEAR(nearest->box.width, box[2].get<double>() / sx, pixels_off) << name;
      EXPECT_NEAR(nearest->box.height, box[3].get<double>() / sy, pixels_off) << name;
      for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(nearest->key_points->at(i).x, points[i][0].get<double>() / sx, pixels_off) << name;
        EXPECT_NEAR(nearest->key_points->at(i).y, points[i][1].get<double>() / sy, pixels_off) << name;
      }
    }
  }
  EXPECT_GT(faces, 80u);
}

}  // namespace
}  // namespace dfpipe::face
