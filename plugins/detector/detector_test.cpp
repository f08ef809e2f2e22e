#include <gmock/gmock.h>

#include <fstream>

#include "calibration_file.hpp"
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

class Calibrated : public ::testing::Test {
 protected:
  Calibrated() { copy_folder(data / "original", folder); }
  void write(const std::filesystem::path& file, const std::string& sha256) const {
    Calibration c;
    c.model = "original";
    c.model_sha256 = sha256;
    c.temperature = 2.5;
    c.threshold = 0.25;
    c.rule = "equal errors";
    std::ofstream(file) << calibration_text(c);
  }
  ScratchFolder scratch;
  const std::filesystem::path folder = scratch.path() / "original";
  const std::string own = facts_of(data / "original").at("sha256");
};

TEST_F(Calibrated, IsAModelWithACalibrationOfItsWeightsWhichIsNoPartOfThem) {
  EXPECT_FALSE(facts_of(folder).contains("temperature"));
  write(folder / "calibration.json", own);
  const Facts facts = facts_of(folder);
  EXPECT_EQ(facts.at("sha256"), own);
  EXPECT_EQ(facts.at("temperature"), "2.5");
  EXPECT_EQ(facts.at("threshold"), "0.25");
  EXPECT_EQ(facts.at("threshold_rule"), "equal errors");
}

TEST_F(Calibrated, IsNoModelWhoseWeightsAreOthers) {
  write(folder / "calibration.json", own);
  replace_tensor(folder / "head_weights.safetensors", "classifier.3.bias", at::ones({2}));
  EXPECT_FALSE(facts_of(folder).contains("temperature")) << "passed over, with a warning";
  std::ofstream(folder / "calibration.json") << "{";
  EXPECT_THAT(message_of([&] { facts_of(folder); }), HasSubstr("calibration.json: no valid JSON"));
}

TEST_F(Calibrated, MayBeByAFileThatIsNamedAndThenMustFit) {
  const auto with = [&](const std::filesystem::path& file) {
    NodeRunner runner("face-result");
    runner.use("detector", "detector", {{"model", folder}, {"calibration", file}});
    return detail::used(runner.node(), 0).facts();
  };
  write(scratch / "mine.json", own);
  EXPECT_EQ(with(scratch / "mine.json").at("temperature"), "2.5");
  write(scratch / "other.json", std::string(64, '1'));
  EXPECT_THAT(message_of([&] { with(scratch / "other.json"); }),
              HasSubstr("other.json: belongs to other weights (111111111111, these are " + own.substr(0, 12) + ")"));
  EXPECT_THAT(message_of([&] { with(scratch / "none.json"); }), HasSubstr("none.json: cannot be read"));
}

}  // namespace
}  // namespace dfpipe::detector
