#include <gmock/gmock.h>

#include <fstream>

#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;

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

TEST(DetectorResource, TheHashChangesWithAnyWeightAndWithTheProfile) {
  ScratchFolder scratch;
  const auto folder = scratch.path() / "original";
  copy_folder(data / "original", folder);
  const std::string before = facts_of(folder).at("sha256");
  EXPECT_EQ(before.size(), 64u);
  EXPECT_EQ(before, facts_of(data / "original").at("sha256"));
  replace_tensor(folder / "head_weights.safetensors", "classifier.3.bias", at::ones({2}));
  const std::string other_weight = facts_of(folder).at("sha256");
  EXPECT_NE(other_weight, before);
  std::ofstream(folder / "preprocessor_config.json", std::ios::app) << " ";
  EXPECT_NE(facts_of(folder).at("sha256"), other_weight);
}

}  // namespace
}  // namespace dfpipe::detector
