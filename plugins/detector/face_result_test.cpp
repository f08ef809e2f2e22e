#include <gmock/gmock.h>

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
