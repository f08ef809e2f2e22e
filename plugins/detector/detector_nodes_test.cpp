#include <gmock/gmock.h>

#include "dfpipe/types/face.hpp"
#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/tensor.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

NodeRunner node(const std::string& type, const std::filesystem::path& model = data / "original") {
  NodeRunner runner(type);
  runner.use("detector", "detector", {{"model", model}});
  return runner;
}

/// One picture of the original detector, with all that it computed.
struct Original {
  std::map<std::string, at::Tensor> all = load_all(data / "original_expected.safetensors");

  /// [1,3,224,224]: the processor's crop through its table of normalised values.
  at::Tensor pixels() const {
    std::vector<at::Tensor> channels;
    for (std::int64_t c = 0; c < 3; ++c)
      channels.push_back(
          all.at("lut").select(0, c).index_select(0, of("crop_u8").select(0, c).flatten().to(at::kLong)));
    return at::stack(channels).view({1, 3, 224, 224});
  }
  const at::Tensor& of(const std::string& name) const { return all.at("tiny." + name); }
};

at::Tensor run_clip(const at::Tensor& pixels) {
  NodeRunner clip = node("clip-dora");
  return clip.wanted("attentions", false).in("pixels", pixels).run().get<at::Tensor>("embedding");
}

at::Tensor run_spectrum(const at::Tensor& spectrum) {
  NodeRunner cnn = node("spectrum-cnn");
  return cnn.in("spectrum", spectrum).run().get<at::Tensor>("embedding");
}

Outputs run_heads(const at::Tensor& clip, const at::Tensor& spectrum) {
  NodeRunner fuse = node("fusion-head");
  return fuse.in("clip", clip).in("spectrum", spectrum).run();
}

at::Tensor run_fft(const at::Tensor& pixels) {
  NodeRunner fft("fft");
  return fft.in("pixels", pixels).run().get<at::Tensor>("spectrum");
}

TEST(DetectorNodes, GiveTheOriginalsNumbersFromItsPixels) {
  const Original original;
  for (const bool mirrored : {false, true}) {
    const at::Tensor pixels = mirrored ? original.pixels().flip(3) : original.pixels();
    const at::Tensor spectrum = run_fft(pixels);
    const Outputs out = run_heads(run_clip(pixels), run_spectrum(spectrum));
    if (mirrored) {
      EXPECT_TRUE(close(out.get<at::Tensor>("logits"), original.of("flip.logits").unsqueeze(0), 2e-4));
      continue;
    }
    EXPECT_TRUE(close(spectrum[0][0], original.of("fft_mag"), 5e-4));
    EXPECT_TRUE(close(out.get<at::Tensor>("fused"), original.of("fused").unsqueeze(0), 1e-4));
    EXPECT_TRUE(close(out.get<at::Tensor>("logits"), original.of("logits").unsqueeze(0), 2e-4));
    EXPECT_TRUE(close(out.get<at::Tensor>("probabilities"), original.of("probabilities").unsqueeze(0), 2e-5));
  }
}

TEST(DetectorNodes, TheRolloutIsTheOriginalsInItsOrder) {
  const Original original;
  NodeRunner clip = node("clip-dora");
  const Outputs out = clip.in("pixels", original.pixels()).run();
  NodeRunner rollout("rollout");
  rollout.set("order", std::string("reversed")).in("attentions", out.get<Attentions>("attentions"));
  EXPECT_TRUE(close(rollout.run().get<at::Tensor>("heatmap")[0], original.of("rollout_cam"), 1e-4));
}

TEST(DetectorNodes, APicturesScoreDoesNotDependOnItsBatchNeighbours) {
  const at::Tensor first = Original().pixels();
  const at::Tensor batch = at::cat({first, first.flip(2) * 0.5, at::zeros_like(first), first.flip(3)});
  const Outputs together = run_heads(run_clip(batch), run_spectrum(run_fft(batch)));
  const Outputs alone = run_heads(run_clip(first), run_spectrum(run_fft(first)));
  EXPECT_TRUE(
      close(together.get<at::Tensor>("probabilities").narrow(0, 0, 1), alone.get<at::Tensor>("probabilities"), 1e-5));
}

TEST(DetectorNodes, AttentionsAreMadeOnlyWhenSomethingReadsThem) {
  NodeRunner clip = node("clip-dora");
  clip.in("pixels", Original().pixels());
  EXPECT_EQ(clip.run().get<Attentions>("attentions").layers.size(), 2u);
  EXPECT_FALSE(clip.wanted("attentions", false).run().has("attentions"));
}

TEST(DetectorNodes, RecordGradientsInTheTrainPhaseOnly) {
  const at::Tensor spectrum = run_fft(Original().pixels()).requires_grad_();
  NodeRunner cnn = node("spectrum-cnn");
  cnn.in("spectrum", spectrum);
  EXPECT_FALSE(cnn.run().get<at::Tensor>("embedding").requires_grad());
  cnn.attributes({.phase = Phase::train});
  EXPECT_TRUE(cnn.run().get<at::Tensor>("embedding").requires_grad());
}

TEST(DetectorNodes, BatchNormUsesTheBatchInTheTrainPhase) {
  const at::Tensor spectrum = at::cat({run_fft(Original().pixels()), at::ones({1, 1, 224, 224})});
  NodeRunner cnn = node("spectrum-cnn");
  cnn.in("spectrum", spectrum);
  const at::Tensor before = cnn.run().get<at::Tensor>("embedding");
  cnn.attributes({.phase = Phase::train});
  EXPECT_FALSE(close(cnn.run().get<at::Tensor>("embedding"), before, 1e-3));
  cnn.attributes({.phase = Phase::eval});
  EXPECT_FALSE(at::equal(cnn.run().get<at::Tensor>("embedding"), before)) << "the running statistics have moved";
}

TEST(DetectorNodes, DropoutInTheTrainPhaseIsKeyedBySeedAndItem) {
  const auto logits = [](std::uint64_t seed, std::uint64_t index, Phase phase) {
    NodeRunner fuse = node("fusion-head");
    fuse.in("clip", at::ones({4, 32})).in("spectrum", at::ones({4, 128}));
    return fuse.seed(seed).index(index).attributes({.phase = phase}).run().get<at::Tensor>("logits");
  };
  const at::Tensor drawn = logits(1, 0, Phase::train);
  EXPECT_TRUE(at::equal(drawn, logits(1, 0, Phase::train)));
  EXPECT_FALSE(at::equal(drawn, logits(2, 0, Phase::train)));
  EXPECT_FALSE(at::equal(drawn, logits(1, 1, Phase::train)));
  EXPECT_TRUE(at::equal(logits(1, 0, Phase::eval), logits(2, 1, Phase::eval)));
}

TEST(DetectorNodes, RefuseTensorsOfTheWrongShape) {
  EXPECT_THAT(message_of([] { run_clip(at::zeros({1, 3, 32, 32})); }), HasSubstr("the model wants Bx3x224x224"));
  EXPECT_THAT(message_of([] { run_spectrum(at::zeros({1, 3, 8, 8})); }), HasSubstr("[B,1,H,W]"));
  EXPECT_THAT(message_of([] { run_heads(at::zeros({1, 32}), at::zeros({2, 128})); }), HasSubstr("same rows"));
  EXPECT_THAT(message_of([] { run_heads(at::zeros({1, 31}), at::zeros({1, 128})); }), HasSubstr("32 and 128"));
}

TEST(DetectorNodes, AScoreThatIsNoNumberIsAnError) {
  const at::Tensor bad = at::full({1, 32}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(message_of([&] { run_heads(bad, at::zeros({1, 128})); }), HasSubstr("NaN"));
}

Facts facts_of(const std::filesystem::path& model) {
  NodeRunner runner = node("face-result", model);
  return detail::used(runner.node(), 0).facts();
}

TEST(DetectorResource, TellsWhatTheModelIs) {
  const Facts demo = facts_of("models/demo");
  EXPECT_EQ(demo.at("model"), "demo");
  EXPECT_EQ(demo.at("device"), at::hasCUDA() ? "cuda:0" : "cpu");
  EXPECT_EQ(demo.at("precision"), "fp32");
  EXPECT_EQ(demo.at("architecture"), "ViT 4x96, patch 32, image 224");
  EXPECT_EQ(facts_of(data / "original").at("trained"), "true");
  EXPECT_THAT(message_of([] { facts_of("models/none"); }), HasSubstr("models/none: is no model folder"));
}

TEST(DetectorResource, TheHashChangesWithAnyWeight) {
  ScratchFolder scratch;
  const auto folder = scratch.path() / "original";
  copy_folder(data / "original", folder);
  const std::string before = facts_of(folder).at("sha256");
  EXPECT_EQ(before.size(), 64u);
  EXPECT_EQ(before, facts_of(data / "original").at("sha256"));
  replace_tensor(folder / "head_weights.safetensors", "classifier.3.bias", at::ones({2}));
  EXPECT_NE(facts_of(folder).at("sha256"), before);
}

Face some_face() {
  Face face;
  face.box = {10.5, 20, 30, 40};
  face.crop_box = {4, 12, 42, 56};
  face.score = 1.25;
  face.detector = "dlib";
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
