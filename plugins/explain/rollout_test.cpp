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
at::Tensor by_definition(const std::vector<at::Tensor>& layers, const RolloutRule& rule) {
  at::Tensor product;
  for (at::Tensor fused : layers) {
    fused = fused.to(at::kDouble).clone();
    const auto count = static_cast<std::int64_t>(rule.discard * static_cast<double>(fused[0].numel()));
    for (std::int64_t b = 0; b < fused.size(0); ++b) {
      at::Tensor flat = fused[b].view(-1);
      const at::Tensor keep = flat[0].clone();
      if (count > 0) flat.index_fill_(0, std::get<1>(flat.topk(count, -1, false)), 0);
      flat[0] = keep;
    }
    at::Tensor a = fused * 0.5 + at::eye(fused.size(1), at::kDouble) * 0.5;
    a = a / (rule.sums == RowSums::rows ? a.sum(-1, true) : a.sum(-1).unsqueeze(1));
    product = !product.defined()                    ? a
              : rule.order == LayerOrder::published ? at::matmul(a, product)
                                                    : at::matmul(product, a);
  }
  return product.select(1, 0).narrow(1, 1, product.size(1) - 1);
}

class RolloutGolden : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(RolloutGolden, IsTheReferencesForEachHeadFusion) {
  const auto [model, fusion] = GetParam();
  const auto expected = load_all(data / "rollout" / (std::string(model) + ".safetensors"));
  const at::Tensor row = cls_rollout(attentions_of(model, fusion), {});
  const std::string key(fusion);
  EXPECT_TRUE(close(row, expected.at(key + ".heatmap").flatten(1), 1e-6, 1e-4));
  EXPECT_TRUE(close(square_map(row), expected.at(key + ".heatmap_minmax"), 1e-5, 1e-4));
}

TEST_P(RolloutGolden, IsThatOfVitExplainWithItsRowSums) {
  const auto [model, fusion] = GetParam();
  const auto expected = load_all(data / "rollout" / (std::string(model) + ".safetensors"));
  for (const auto& [name, discard] : {std::pair("0.0", 0.0), std::pair("0.9", 0.9)}) {
    const at::Tensor row = cls_rollout(attentions_of(model, fusion), {.sums = RowSums::columns, .discard = discard});
    at::Tensor map = expected.at("vit_explain." + std::string(fusion) + ".discard" + name).flatten(1);
    map = at::where(at::isnan(map), at::zeros_like(map), map);  // it divides by a maximum of 0
    EXPECT_TRUE(close(row / row.amax(1, true).clamp_min(1e-30), map, 1e-6, 1e-4)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RolloutGolden,
                         ::testing::Combine(::testing::Values("tiny", "tiny_gelu"),
                                            ::testing::Values("mean", "max", "min")));

TEST(Rollout, TheVectorGivesWhatTheWholeMatricesGive) {
  const auto layers = attentions_of("tiny", "mean");
  for (const auto order : {LayerOrder::published, LayerOrder::reversed})
    for (const auto sums : {RowSums::rows, RowSums::columns})
      for (const double discard : {0.0, 0.5, 0.9}) {
        const RolloutRule rule{order, sums, discard};
        EXPECT_TRUE(close(cls_rollout(layers, rule), by_definition(layers, rule), 1e-6, 1e-4)) << discard;
      }
}

TEST(Rollout, TheTwoOrdersDifferAndSoDoTheRowSumsUnlessAllAreOne) {
  const auto layers = attentions_of("tiny", "mean");
  const auto max_fused = attentions_of("tiny", "max");
  EXPECT_TRUE(close(cls_rollout(layers, {}), cls_rollout(layers, {.sums = RowSums::columns}), 1e-6, 1e-4));
  EXPECT_FALSE(close(cls_rollout(max_fused, {}), cls_rollout(max_fused, {.sums = RowSums::columns}), 1e-4));
  EXPECT_FALSE(close(cls_rollout(layers, {}), cls_rollout(layers, {.order = LayerOrder::reversed}), 1e-4));
}

TEST(Rollout, DiscardingKeepsTheClsTokensAttentionToItself) {
  at::Tensor attention = at::full({1, 5, 5}, 0.2);
  attention[0][0] = at::tensor({0.01, 0.09, 0.3, 0.3, 0.3}).to(at::kFloat);
  const at::Tensor row = cls_rollout({attention}, {.discard = 0.08});  // the two lowest of 25
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

TEST(RolloutNode, TakesTheRuleFromItsParameters) {
  const auto expected = load_all(data / "rollout/tiny.safetensors");
  NodeRunner rollout("rollout");
  rollout.set("row_sums", std::string("columns")).set("discard", 0.9);
  rollout.in("attentions", Attentions{attentions_of("tiny", "max")});
  const at::Tensor map = expected.at("vit_explain.max.discard0.9").flatten(1);
  EXPECT_TRUE(close(rollout.run().get<at::Tensor>("heatmap"), square_map(map), 1e-5, 1e-4));
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
