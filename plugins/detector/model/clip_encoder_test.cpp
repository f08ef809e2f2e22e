#include "clip_encoder.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "adapters.hpp"
#include "detector_model.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr double atol = 2e-5, rtol = 1e-4;  // for float32 against the reference implementation

ClipRequest with_attentions(HeadFusion fusion) {
  ClipRequest request;
  request.attentions = fusion;
  return request;
}

class EncoderGolden : public ::testing::TestWithParam<const char*> {
 protected:
  std::filesystem::path folder = data / "clip" / GetParam();
  std::unique_ptr<ClipEncoder> encoder = make_encoder(ClipVision::map(folder), at::kCPU, at::kFloat);
  std::map<std::string, at::Tensor> expected = load_all(folder / "expected.safetensors");
  at::Tensor pixels = expected.at("pixel_values");
};

TEST_P(EncoderGolden, TheEmbeddingIsTheReferencesWithAndWithoutAttentions) {
  EXPECT_TRUE(close(encoder->forward(pixels, {}).pooled, expected.at("pooler_output"), atol, rtol));
  const ClipOutput out = encoder->forward(pixels, with_attentions(HeadFusion::mean));
  EXPECT_TRUE(close(out.pooled, expected.at("pooler_output"), atol, rtol));
}

TEST_P(EncoderGolden, FusedAttentionsAreThePlainModels) {
  const at::NoGradGuard constant;
  const ClipVision plain = ClipVision::load(folder);
  for (const auto fusion : {HeadFusion::mean, HeadFusion::max, HeadFusion::min}) {
    const auto fused = encoder->forward(pixels, with_attentions(fusion)).attentions;
    const auto wanted = plain.forward(pixels, with_attentions(fusion)).attentions;
    ASSERT_EQ(fused.size(), wanted.size());
    for (std::size_t i = 0; i < fused.size(); ++i) EXPECT_TRUE(close(fused[i], wanted[i], 1e-6, 1e-4)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, EncoderGolden, ::testing::Values("tiny", "tiny_gelu", "clip_full"));

class Encoder : public ::testing::Test {
 protected:
  std::unique_ptr<ClipEncoder> encoder = make_encoder(ClipVision::map(data / "clip/tiny"), at::kCPU, at::kFloat);
  at::Tensor pixels(std::int64_t n) const {
    const std::int64_t s = encoder->config().image_size;
    return at::linspace(-2, 2, n * 3 * s * s).sin().view({n, 3, s, s});
  }
};

TEST_F(Encoder, ManyPicturesGiveWhatEachGivesAlone) {
  const at::Tensor many = pixels(21);
  const ClipOutput together = encoder->forward(many, with_attentions(HeadFusion::mean));
  ASSERT_EQ(together.pooled.size(0), 21);
  for (const std::int64_t i : {0, 7, 8, 20}) {
    const ClipOutput alone = encoder->forward(many.narrow(0, i, 1), with_attentions(HeadFusion::mean));
    EXPECT_TRUE(close(together.pooled.narrow(0, i, 1), alone.pooled, 1e-5)) << i;
    for (std::size_t layer = 0; layer < alone.attentions.size(); ++layer)
      EXPECT_TRUE(close(together.attentions[layer].narrow(0, i, 1), alone.attentions[layer], 1e-5)) << i;
  }
  EXPECT_EQ(encoder->forward(many.narrow(0, 0, 0), {}).pooled.sizes(),
            at::IntArrayRef({0, encoder->config().hidden_size}));
}

TEST_F(Encoder, ThreadsMayAskAtOnce) {
  const at::Tensor many = pixels(6);
  const at::Tensor wanted = encoder->forward(many, {}).pooled;
  std::vector<at::Tensor> given(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < given.size(); ++i)
    threads.emplace_back([&, i] {
      for (int again = 0; again < 20; ++again) {
        const auto first = static_cast<std::int64_t>(i % 3), count = static_cast<std::int64_t>(1 + i % 4);
        given[i] = encoder->forward(many.narrow(0, first, count), {}).pooled - wanted.narrow(0, first, count);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const at::Tensor& difference : given) EXPECT_LT(difference.abs().max().item<float>(), 1e-5);
}

TEST_F(Encoder, RefusesWhatItCannotGive) {
  EXPECT_THAT(message_of([&] { encoder->forward(at::zeros({1, 3, 8, 8}), {}); }), HasSubstr("the model wants Bx3x"));
  EXPECT_THAT(message_of([&] { encoder->forward(at::zeros({3}), {}); }), HasSubstr("the model wants Bx3x"));
}

TEST(EncoderWithAdapters, WorksThemIn) {
  ClipVision model = ClipVision::load(data / "clip/tiny");
  load_adapters(model, data / "dora");
  const auto expected = load_all(data / "dora/expected.safetensors");
  const auto encoder = make_encoder(std::move(model), at::kCPU, at::kFloat);
  const at::Tensor pooled = encoder->forward(expected.at("pixel_values"), {}).pooled;
  EXPECT_TRUE(close(pooled, expected.at("merged.pooler_output"), atol, rtol));
}

TEST(EncoderInBf16, StaysCloseToFp32) {
  if (!has_fast_bf16()) GTEST_SKIP() << "skipped: this processor has no bfloat16 instructions";
  for (const char* const checkpoint : {"tiny", "tiny_gelu", "clip_full"}) {
    const auto expected = load_all(data / "clip" / checkpoint / "expected.safetensors");
    const auto encoder = make_encoder(ClipVision::map(data / "clip" / checkpoint), at::kCPU, at::kBFloat16);
    const at::Tensor pooled = encoder->forward(expected.at("pixel_values"), {}).pooled;
    EXPECT_EQ(pooled.scalar_type(), at::kFloat);
    EXPECT_TRUE(close(pooled, expected.at("pooler_output"), 0.03, 0.02)) << checkpoint;
  }
}

TEST(Operations, AreThoseOfTheMatrixProductsAndAttentions) {
  ClipConfig vit_l14;
  vit_l14.hidden_size = 1024;
  vit_l14.intermediate_size = 4096;
  vit_l14.num_hidden_layers = 24;
  vit_l14.num_attention_heads = 16;
  vit_l14.patch_size = 14;
  // 256 patches of 588 numbers; 24 times q, k and v of 257 tokens; 23 layers and one token of the rest.
  const double patches = 2.0 * 256 * 588 * 1024, qkv = 24 * 257 * 3 * 2.0 * 1024 * 1024;
  const double a_token = 2 * 2.0 * 257 * 1024 + 2.0 * 1024 * 1024 + 2 * 2.0 * 1024 * 4096;
  EXPECT_DOUBLE_EQ(operations_per_picture(vit_l14), patches + qkv + (23 * 257 + 1) * a_token);
}

}  // namespace
}  // namespace dfpipe::detector
