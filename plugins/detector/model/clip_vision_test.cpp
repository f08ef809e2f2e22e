#include "clip_vision.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "error.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr double atol = 2e-5, rtol = 1e-4;  // for float32 against the reference implementation

class ClipGolden : public ::testing::TestWithParam<const char*> {
 protected:
  ClipVision model = ClipVision::load(data / "clip" / GetParam());
  std::map<std::string, at::Tensor> expected = load_all(data / "clip" / GetParam() / "expected.safetensors");
  at::Tensor pixels = expected.at("pixel_values");
};

TEST_P(ClipGolden, TheEmbeddingIsTheReferencesWithAndWithoutGradients) {
  for (const bool gradients : {false, true}) {
    const at::AutoGradMode mode(gradients);
    EXPECT_TRUE(close(model.forward(pixels).pooled, expected.at("pooler_output"), atol, rtol)) << gradients;
  }
}

TEST_P(ClipGolden, TheEmbeddingIsTheSameWhateverElseIsAskedFor) {
  const at::NoGradGuard constant;
  ClipRequest all;
  all.attentions = HeadFusion::mean;
  all.hidden_states = true;
  EXPECT_TRUE(close(model.forward(pixels, all).pooled, expected.at("pooler_output"), atol, rtol));
  all.hidden_states = false;
  EXPECT_TRUE(close(model.forward(pixels, all).pooled, expected.at("pooler_output"), atol, rtol));
}

class ClipLayers : public ClipGolden {};

TEST_P(ClipLayers, HiddenStatesAndFusedAttentionsAreTheReferencesOfEachLayer) {
  for (const bool gradients : {false, true}) {
    const at::AutoGradMode mode(gradients);
    for (const auto fusion : {HeadFusion::mean, HeadFusion::max, HeadFusion::min}) {
      ClipRequest request;
      request.attentions = fusion;
      request.hidden_states = true;
      const ClipOutput out = model.forward(pixels, request);
      ASSERT_EQ(out.hidden_states.size(), model.layers().size() + 1);
      for (std::size_t i = 0; i < out.hidden_states.size(); ++i)
        EXPECT_TRUE(close(out.hidden_states[i], expected.at("hidden_states." + std::to_string(i)), atol, rtol)) << i;
      ASSERT_EQ(out.attentions.size(), model.layers().size());
      for (std::size_t i = 0; i < out.attentions.size(); ++i) {
        const at::Tensor& heads = expected.at("attentions." + std::to_string(i));
        const at::Tensor fused = fusion == HeadFusion::mean  ? heads.mean(1)
                                 : fusion == HeadFusion::max ? heads.amax(1)
                                                             : heads.amin(1);
        EXPECT_TRUE(close(out.attentions[i], fused, atol, rtol)) << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, ClipGolden, ::testing::Values("tiny", "tiny_gelu", "clip_full"));
INSTANTIATE_TEST_SUITE_P(Checkpoints, ClipLayers, ::testing::Values("tiny", "tiny_gelu"));

TEST(ClipVision, HasAsManyParametersAsItsCheckpoint) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : load_all(data / "clip/tiny/model.safetensors")) count += tensor.numel();
  EXPECT_EQ(ClipVision::load(data / "clip/tiny").parameter_count(), count);
}

TEST(ClipVision, ARowDoesNotDependOnItsNeighbours) {
  const at::NoGradGuard constant;
  const ClipVision model = ClipVision::load(data / "clip/tiny");
  const at::Tensor pixels = load_all(data / "clip/tiny/expected.safetensors").at("pixel_values");
  const at::Tensor together = model.forward(pixels).pooled;
  EXPECT_TRUE(close(model.forward(pixels.narrow(0, 1, 1)).pooled, together.narrow(0, 1, 1), 1e-5));
  EXPECT_TRUE(close(model.forward(pixels.flip(0)).pooled, together.flip(0), 1e-5));
}

TEST(ClipVision, RefusesPixelsOfAnotherSize) {
  const ClipVision model = ClipVision::load(data / "clip/tiny");
  for (const at::Tensor& pixels : {at::zeros({1, 3, 31, 32}), at::zeros({1, 1, 32, 32}), at::zeros({3, 32, 32})})
    EXPECT_THAT(message_of([&] { model.forward(pixels); }), HasSubstr("the model wants Bx3x32x32"));
}

class ClipFolder : public ::testing::Test {
 protected:
  ClipFolder() { copy_folder(data / "clip/tiny", folder); }
  std::filesystem::path weights() const { return folder / "model.safetensors"; }
  std::string refusal() const {
    return message_of([&] { ClipVision::load(folder); });
  }
  void config(const std::string& text) const { write_bytes(folder / "config.json", text); }

  ScratchFolder scratch;
  std::filesystem::path folder = scratch.path() / "clip";
  const std::string bias = "vision_model.encoder.layers.1.mlp.fc1.bias";
};

TEST_F(ClipFolder, KeysMayLackThePrefixAndWeightsMayBeHalfPrecision) {
  std::map<std::string, at::Tensor> plain;
  for (const auto& [name, tensor] : load_all(weights()))
    plain[name.substr(std::string("vision_model.").size())] = tensor.to(at::kHalf);
  write_safetensors(weights(), plain);
  const at::NoGradGuard constant;
  const auto expected = load_all(data / "clip/tiny/expected.safetensors");
  const ClipVision model = ClipVision::load(folder);
  EXPECT_EQ(model.dtype(), at::kFloat);
  EXPECT_TRUE(close(model.forward(expected.at("pixel_values")).pooled, expected.at("pooler_output"), 2e-2));
}

TEST_F(ClipFolder, AShardedCheckpointGivesTheSameWeights) {
  const auto all = load_all(weights());
  std::map<std::string, at::Tensor> shards[2];
  std::string map;
  for (const auto& [name, tensor] : all) {
    const bool second = name.find("layers.2") != std::string::npos;
    shards[second][name] = tensor;
    map += (map.empty() ? "\"" : ",\"") + name + "\":\"part" + (second ? "2" : "1") + ".safetensors\"";
  }
  std::filesystem::remove(weights());
  write_safetensors(folder / "part1.safetensors", shards[0]);
  write_safetensors(folder / "part2.safetensors", shards[1]);
  write_bytes(folder / "model.safetensors.index.json", R"({"metadata":{"total_size":1},"weight_map":{)" + map + "}}");
  for (const auto& [name, tensor] : ClipVision::load(folder).parameters())
    EXPECT_TRUE(at::equal(tensor, all.at(name))) << name;
}

TEST_F(ClipFolder, ListsEveryMissingAndUnknownKey) {
  replace_tensor(weights(), bias, {});
  replace_tensor(weights(), "vision_model.encoder.layers.7.surprise", at::ones({2}));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("missing: '" + bias + "'"),
                               HasSubstr("unknown: 'vision_model.encoder.layers.7.surprise'")));
}

TEST_F(ClipFolder, NamesTheTensorWhoseShapeDoesNotFit) {
  replace_tensor(weights(), bias, at::ones({3}));
  EXPECT_THAT(refusal(), HasSubstr(bias + " is 3 instead of 160"));
}

TEST_F(ClipFolder, NamesTheTensorThatHoldsNoNumbers) {
  at::Tensor values = load_all(weights()).at(bias);
  for (const double bad : {std::nan(""), HUGE_VAL}) {
    values[5] = bad;
    replace_tensor(weights(), bias, values);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("model.safetensors"), HasSubstr(bias), HasSubstr("not finite")));
  }
  replace_tensor(weights(), bias, at::ones({160}, at::kInt));
  EXPECT_THAT(refusal(), HasSubstr(bias + " holds whole numbers"));
}

TEST_F(ClipFolder, RefusesAConfigThatMakesNoSense) {
  config(R"({"hidden_act":"gelu_new"})");
  EXPECT_THAT(refusal(), HasSubstr("config.json: hidden_act 'gelu_new' is not supported (quick_gelu, gelu)"));
  config(R"({"hidden_size":64,"num_attention_heads":5})");
  EXPECT_THAT(refusal(), HasSubstr("no multiple"));
  config(R"({"hidden_size":0})");
  EXPECT_THAT(refusal(), HasSubstr("hidden_size must be a whole number"));
  config(R"({"hidden_size":6.5})");
  EXPECT_THAT(refusal(), HasSubstr("hidden_size must be a whole number"));
  config(R"({"layer_norm_eps":-1})");
  EXPECT_THAT(refusal(), HasSubstr("layer_norm_eps"));
  config(R"({"hidden_size":64,"hidden_size":64})");
  EXPECT_THAT(refusal(), HasSubstr("twice"));
  config("{\"hidden_size\":");
  EXPECT_THAT(refusal(), HasSubstr("no valid JSON"));
  std::filesystem::remove(folder / "config.json");
  EXPECT_THAT(refusal(), HasSubstr("config.json"));
}

TEST_F(ClipFolder, AHugeConfigIsRefusedBeforeMemoryIsAskedFor) {
  config(R"({"hidden_size":65536,"intermediate_size":262144,"num_hidden_layers":1000,"num_attention_heads":64})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("does not fit config.json"), HasSubstr("missing")));
}

TEST_F(ClipFolder, DefaultsLeftOutAreThoseOfHuggingFace) {
  config("{}");
  const ClipConfig read = read_clip_config(folder / "config.json");
  EXPECT_EQ(read.hidden_size, 768);
  EXPECT_EQ(read.intermediate_size, 3072);
  EXPECT_EQ(read.num_hidden_layers, 12);
  EXPECT_EQ(read.num_attention_heads, 12);
  EXPECT_EQ(read.patch_size, 32);
  EXPECT_EQ(read.image_size, 224);
  EXPECT_EQ(read.tokens(), 50);
}

}  // namespace
}  // namespace dfpipe::detector
