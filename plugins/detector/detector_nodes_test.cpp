#include <gmock/gmock.h>

#include "clip_encoder.hpp"
#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;

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

TEST(DetectorNodes, InBf16AProbabilityMovesByAtMostOneHundredth) {
  if (!has_fast_bf16()) GTEST_SKIP() << "skipped: this processor has no bfloat16 instructions";
  const Original original;
  const at::Tensor pixels = at::cat({original.pixels(), original.pixels().flip(3), original.pixels().flip(2)});
  const at::Tensor spectrum = run_spectrum(run_fft(pixels));
  NodeRunner clip("clip-dora");
  clip.use("detector", "detector", {{"model", data / "original"}, {"precision", std::string("bf16")}});
  const at::Tensor embedding = clip.wanted("attentions", false).in("pixels", pixels).run().get<at::Tensor>("embedding");
  EXPECT_TRUE(close(run_heads(embedding, spectrum).get<at::Tensor>("probabilities"),
                    run_heads(run_clip(pixels), spectrum).get<at::Tensor>("probabilities"), 0.01));
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

}  // namespace
}  // namespace dfpipe::detector
