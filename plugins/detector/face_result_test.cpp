#include <gmock/gmock.h>

#include <fstream>

#include "calibration_file.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/prediction.hpp"
#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Face some_face() {
  Face face;
  face.box = {10.5, 20, 30, 40};
  face.crop_box = {4, 12, 42, 56};
  face.score = 1.25;
  face.detector = "dlib";
  face.presence = 0.875;
  return face;
}

TEST(FaceResultNode, GathersWhatThereIs) {
  NodeRunner runner = node("face-result");
  Measures measures;
  measures.all.push_back({.name = "texture", .value = 3.0});
  const FaceResult result = runner.in("face", some_face())
                                .in("probabilities", at::tensor({0.25, 0.75}).to(at::kFloat).view({1, 2}))
                                .in("measures", measures)
                                .in("heatmap", Bytes{{1, 2, 3}})
                                .run()
                                .get<FaceResult>("result");
  EXPECT_THAT(result.box, ElementsAre(10.5, 20, 30, 40));
  EXPECT_THAT(result.crop, ElementsAre(4, 12, 46, 68));
  EXPECT_EQ(result.detector, "dlib");
  EXPECT_EQ(result.detector_score, 1.25);
  EXPECT_EQ(result.presence, 0.875);
  EXPECT_DOUBLE_EQ(result.probability.value(), 0.75);
  EXPECT_EQ(result.label, "Deepfake");
  EXPECT_EQ(result.heuristics.all.front().name, "texture");
  EXPECT_THAT(result.heatmap->data, ElementsAre(1, 2, 3));
  EXPECT_THAT(result.problems, IsEmpty());

  runner.in("probabilities", at::tensor({0.6, 0.4}).to(at::kFloat).view({1, 2}));
  EXPECT_EQ(runner.run().get<FaceResult>("result").label, "Realism");
}

TEST(FaceResultNode, WithACalibrationGivesWhatItMakesOfTheProbabilityBesideIt) {
  ScratchFolder scratch;
  Calibration c;
  c.model_sha256 = detail::used(node("face-result").node(), 0).facts().at("sha256");
  c.temperature = 2;
  c.threshold = 0.65;
  std::ofstream(scratch / "calibration.json") << calibration_text(c);
  NodeRunner runner("face-result");
  runner.use("detector", "detector", {{"model", data / "original"}, {"calibration", scratch / "calibration.json"}});
  const auto judged = [&](double genuine, double fake) {
    runner.in("face", some_face()).in("probabilities", at::tensor({genuine, fake}).to(at::kFloat).view({1, 2}));
    return runner.run().get<FaceResult>("result");
  };
  const FaceResult usual = judged(0.25, 0.75);
  EXPECT_EQ(usual.probability, 0.75);
  EXPECT_EQ(usual.label, "Deepfake");
  EXPECT_NEAR(usual.log_odds.value(), 1.0986122886681098, 1e-15) << "log 3";
  EXPECT_NEAR(usual.calibrated.value(), 0.6339745962155613, 1e-15) << "sqrt 3 / (1 + sqrt 3)";
  EXPECT_EQ(usual.calibrated_label, "Realism") << "below the calibration's threshold";
  EXPECT_EQ(judged(0.1, 0.9).calibrated_label, "Deepfake");
  // A probability of 1 has lost what the other one still says.
  const double sure = judged(1e-20, 1).log_odds.value();
  EXPECT_NEAR(sure, 46.0517, 1e-4);
  EXPECT_NEAR(judged(0, 1).log_odds.value(), 103.2789, 1e-4) << "finite whatever underflows";
  EXPECT_NEAR(judged(1, 0).log_odds.value(), -103.2789, 1e-4);
}

TEST(FaceResultNode, WithoutACalibrationHasNone) {
  NodeRunner runner = node("face-result");
  runner.in("face", some_face()).in("probabilities", at::tensor({0.25, 0.75}).to(at::kFloat).view({1, 2}));
  EXPECT_FALSE(runner.run().get<FaceResult>("result").calibrated);
}

TEST(FaceResultNode, AFailedHeatMapNeverCostsAScore) {
  NodeRunner runner = node("face-result");
  runner.in("face", some_face()).in("probabilities", at::tensor({0.5, 0.5}).to(at::kFloat).view({1, 2}));
  const FaceResult result = runner.in_failed("heatmap", "per-face/encode", "no memory").run().get<FaceResult>("result");
  EXPECT_EQ(result.probability, 0.5);
  EXPECT_EQ(result.heatmap, nullptr);
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_THAT(result.problems.front(), HasSubstr("node 'per-face/encode'"));
}

TEST(FaceResultNode, WhatIsSwitchedOffIsNoProblem) {
  NodeRunner runner = node("face-result");
  const auto off =
      std::make_shared<const Reason>(Reason{Reason::Kind::disabled, "rollout", "disabled", "switched off"});
  const FaceResult result =
      runner.in("face", some_face()).in_cell("probabilities", Cell(off)).run().get<FaceResult>("result");
  EXPECT_FALSE(result.probability.has_value());
  EXPECT_EQ(result.label, "");
  EXPECT_THAT(result.problems, IsEmpty());
}

}  // namespace
}  // namespace dfpipe::detector
