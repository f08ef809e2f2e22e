#include <gmock/gmock.h>

#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;

TEST(FusionHead, DropoutInTheTrainPhaseIsKeyedBySeedAndItem) {
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

TEST(FusionHead, AScoreThatIsNoNumberIsAnError) {
  const at::Tensor bad = at::full({1, 32}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(message_of([&] { run_heads(bad, at::zeros({1, 128})); }), HasSubstr("NaN"));
}

TEST(FusionHead, RefusesEmbeddingsOfTheWrongShape) {
  EXPECT_THAT(message_of([] { run_heads(at::zeros({1, 32}), at::zeros({2, 128})); }), HasSubstr("same rows"));
  EXPECT_THAT(message_of([] { run_heads(at::zeros({1, 31}), at::zeros({1, 128})); }), HasSubstr("32 and 128"));
}

}  // namespace
}  // namespace dfpipe::detector
