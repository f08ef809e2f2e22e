#include <gmock/gmock.h>

#include <cmath>

#include "dfpipe/types/tensor.hpp"
#include "rollout_map.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::explain {
namespace {

using namespace dfpipe::detector::testing;
using dfpipe::testing::NodeRunner;
using ::testing::HasSubstr;

std::vector<at::Tensor> attentions_of(const std::string& model, const std::string& fusion) {
  const auto all = load_all(data / "clip" / model / "expected.safetensors");
  std::vector<at::Tensor> layers;
  for (int i = 0; all.contains("attentions." + std::to_string(i)); ++i) {
    const at::Tensor& heads = all.at("attentions." + std::to_string(i));
    layers.push_back(fusion == "mean" ? heads.mean(1) : fusion == "max" ? heads.amax(1) : heads.amin(1));
  }
  return layers;
}

/// The definition with whole matrices, in double.
at::Tensor by_definition(const std::vector<at::Tensor>& layers, LayerOrder order, double discard) {
  at::Tensor product;
  for (at::Tensor fused : layers) {
    fused = fused.to(at::kDouble).clone();
    const auto count = static_cast<std::int64_t>(discard * static_cast<double>(fused[0].numel()));
    for (std::int64_t b = 0; b < fused.size(0); ++b) {
      at::Tensor flat = fused[b].view(-1);
      const at::Tensor keep = flat[0].clone();
      if (count > 0) flat.index_fill_(0, std::get<1>(flat.topk(count, -1, false)), 0);
      flat[0] = keep;
    }
    at::Tensor a = fused * 0.5 + at::eye(fused.size(1), at::kDouble) * 0.5;
    a = a / a.sum(-1, true);
    product = !product.defined() ? a : order == LayerOrder::published ? at::matmul(a, product) : at::matmul(product, a);
  }
  return product.select(1, 0).narrow(1, 1, product.size(1) - 1);
}

class RolloutGolden : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(RolloutGolden, IsTheReferencesForEachHeadFusion) {
  const auto [model, fusion] = GetParam();
  const auto expected = load_all(data / "rollout" / (std::string(model) + ".safetensors"));
  const at::Tensor row = cls_rollout(attentions_of(model, fusion), LayerOrder::published, 0);
  const std::string key(fusion);
  EXPECT_TRUE(close(row, expected.at(key + ".heatmap").flatten(1), 1e-6, 1e-4));
  EXPECT_TRUE(close(square_map(row), expected.at(key + ".heatmap_minmax"), 1e-5, 1e-4));
}

INSTANTIATE_TEST_SUITE_P(Models, RolloutGolden,
                         ::testing::Combine(::testing::Values("tiny", "tiny_gelu"),
                                            ::testing::Values("mean", "max", "min")));

TEST(Rollout, TheVectorGivesWhatTheWholeMatricesGive) {
  const auto layers = attentions_of("tiny", "mean");
  for (const auto order : {LayerOrder::published, LayerOrder::reversed})
    for (const double discard : {0.0, 0.5, 0.9})
      EXPECT_TRUE(close(cls_rollout(layers, order, discard), by_definition(layers, order, discard), 1e-6, 1e-4))
          << discard;
}

TEST(Rollout, TheTwoOrdersDiffer) {
  const auto layers = attentions_of("tiny", "mean");
  EXPECT_FALSE(
      close(cls_rollout(layers, LayerOrder::published, 0), cls_rollout(layers, LayerOrder::reversed, 0), 1e-4));
}

TEST(Rollout, DiscardingKeepsTheClsTokensAttentionToItself) {
  at::Tensor attention = at::full({1, 5, 5}, 0.2);
  attention[0][0] = at::tensor({0.01, 0.09, 0.3, 0.3, 0.3}).to(at::kFloat);
  const at::Tensor row = cls_rollout({attention}, LayerOrder::published, 0.08);  // the two lowest of 25
  const double sum = 0.5 * (0.01 + 0.9) + 0.5;
  EXPECT_TRUE(close(row, at::tensor({0.0, 0.15, 0.15, 0.15}).view({1, 4}) / sum, 1e-6));
}

TEST(Rollout, AConstantMapBecomesZeros) { EXPECT_TRUE(at::equal(square_map(at::ones({2, 4})), at::zeros({2, 2, 2}))); }

TEST(RolloutNode, RefusesPatchesThatAreNoSquareAndMatricesThatAreNone) {
  NodeRunner rollout("rollout");
  rollout.in("attentions", Attentions{{at::full({1, 6, 6}, 1.0 / 6)}});
  EXPECT_THAT(message_of([&] { rollout.run(); }), HasSubstr("5 patches are no square grid"));
  rollout.in("attentions", Attentions{{at::ones({1, 6, 5})}});
  EXPECT_THAT(message_of([&] { rollout.run(); }), HasSubstr("[B,T,T]"));
  rollout.in("attentions", Attentions{});
  EXPECT_THAT(message_of([&] { rollout.run(); }), HasSubstr("no attentions"));
}

TEST(RolloutNode, GivesAMapBetweenZeroAndOne) {
  NodeRunner rollout("rollout");
  rollout.in("attentions", Attentions{attentions_of("tiny", "mean")});
  const at::Tensor map = rollout.run().get<at::Tensor>("heatmap");
  EXPECT_EQ(map.sizes(), at::IntArrayRef({2, 4, 4}));
  EXPECT_EQ(map.min().item<float>(), 0);
  EXPECT_EQ(map.max().item<float>(), 1);
}

}  // namespace
}  // namespace dfpipe::explain
