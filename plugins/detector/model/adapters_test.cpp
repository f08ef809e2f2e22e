#include "adapters.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr double atol = 2e-5, rtol = 1e-4;

class Adapters : public ::testing::Test {
 protected:
  Adapters() { copy_folder(data / "dora", folder); }
  std::string refusal() {
    return message_of([&] { load_adapters(model, folder); });
  }
  void set_config(const std::string& from, const std::string& to) const {
    std::string text = read_bytes(folder / "adapter_config.json");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    write_bytes(folder / "adapter_config.json", text.replace(at, from.size(), to));
  }

  ScratchFolder scratch;
  std::filesystem::path folder = scratch.path() / "dora";
  ClipVision model = ClipVision::load(data / "clip/tiny");
  std::map<std::string, at::Tensor> expected = load_all(data / "dora/expected.safetensors");
  const std::string key = "base_model.model.vision_model.encoder.layers.0.self_attn.q_proj.lora_A.weight";
};

TEST_F(Adapters, OutputsAreThoseOfPeftBesideAndMerged) {
  const at::NoGradGuard constant;
  load_adapters(model, folder);
  const at::Tensor pixels = expected.at("pixel_values");
  EXPECT_TRUE(close(model.forward(pixels).pooled, expected.at("pooler_output"), atol, rtol));
  model.merge_adapters();
  EXPECT_EQ(model.layers().front().q.adapter, nullptr);
  EXPECT_TRUE(close(model.forward(pixels).pooled, expected.at("merged.pooler_output"), atol, rtol));
}

TEST_F(Adapters, GradientsOfAllAdaptersAreThoseOfPeftWithTheNormDetached) {
  load_adapters(model, folder);
  const auto trained = adapter_parameters(model);
  ASSERT_EQ(trained.size(), 36u);
  for (const auto& [name, tensor] : trained) tensor.requires_grad_();
  const at::Tensor pixels = expected.at("pixel_values").clone().requires_grad_();
  ClipRequest request;
  request.hidden_states = true;
  const ClipOutput out = model.forward(pixels, request);
  EXPECT_TRUE(close(out.hidden_states.back(), expected.at("last_hidden_state"), atol, rtol));
  const at::Tensor loss = (out.pooled - expected.at("loss_target")).square().mean() +
                          (out.hidden_states.back() * expected.at("loss_weight")).sum(-1).mean();
  EXPECT_TRUE(close(loss, expected.at("loss"), atol, rtol));
  loss.backward();
  const auto is_theirs = [&](const at::Tensor& gradient, const std::string& name) {
    const at::Tensor& wanted = expected.at("grad." + name);
    EXPECT_TRUE(close(gradient, wanted, 1e-4 * wanted.abs().max().item<double>())) << name;
  };
  for (const auto& [name, tensor] : trained) is_theirs(tensor.grad(), name);
  is_theirs(pixels.grad(), "pixel_values");
}

TEST_F(Adapters, MergedWeightsAreThoseOfPeft) {
  load_adapters(model, folder);
  model.merge_adapters();
  const auto weights = model.parameters();
  const auto merged = load_all(data / "dora/merged.safetensors");
  ASSERT_EQ(merged.size(), 12u);
  for (const auto& [name, wanted] : merged) EXPECT_TRUE(close(weights.at(name), wanted, 1e-6, 1e-5)) << name;
  for (const auto& [name, before] : ClipVision::load(data / "clip/tiny").parameters())
    EXPECT_TRUE(merged.contains(name) || at::equal(weights.at(name), before)) << name;
}

TEST_F(Adapters, NewOnesStartAsPeftStartsThem) {
  const at::NoGradGuard constant;
  const at::Tensor pixels = expected.at("pixel_values");
  const at::Tensor before = model.forward(pixels).pooled;
  add_adapters(model, read_adapter_config(folder / "adapter_config.json"), 7);
  EXPECT_TRUE(close(model.forward(pixels).pooled, before, atol, rtol)) << "B is zero, so nothing changes";
  const std::string lead = "base_model.model.vision_model.encoder.layers.";
  std::map<std::string, at::Tensor> started = adapter_parameters(model);
  EXPECT_EQ(started.size(), 36u);
  for (const auto& [name, tensor] : started) {
    if (name.ends_with("lora_magnitude_vector")) {
      EXPECT_TRUE(close(tensor, expected.at("init." + name), 1e-6, 1e-6)) << name;
    } else if (name.ends_with("lora_B.weight")) {
      EXPECT_EQ(tensor.abs().max().item<float>(), 0) << name;
    } else {
      EXPECT_LE(tensor.abs().max().item<float>(), 0.125F) << name << ": 1 / sqrt(64)";
      EXPECT_GT(tensor.abs().max().item<float>(), 0.12F) << name;
      EXPECT_NEAR(tensor.mean().item<float>(), 0, 0.01) << name;
      EXPECT_NEAR(tensor.std().item<float>(), 0.125 / std::sqrt(3.0), 0.005) << name;
    }
  }
}

TEST_F(Adapters, TheStartOfAnAdapterDependsOnTheSeedAndItsNameAlone) {
  AdapterConfig config = read_adapter_config(folder / "adapter_config.json");
  const auto start = [&](std::uint64_t seed) {
    ClipVision fresh = ClipVision::load(data / "clip/tiny");
    add_adapters(fresh, config, seed);
    return adapter_parameters(fresh);
  };
  const auto all = start(7), other_seed = start(8);
  config.targets.names = {"layers.0.self_attn.q_proj"};
  const auto alone = start(7);
  ASSERT_EQ(alone.size(), 3u);
  EXPECT_TRUE(at::equal(alone.at(key), all.at(key)));
  EXPECT_FALSE(at::equal(other_seed.at(key), all.at(key)));
  std::string next = key;
  next.replace(next.find("layers.0"), 8, "layers.1");
  EXPECT_FALSE(at::equal(all.at(next), all.at(key)));
}

TEST(VitL14Adapters, Rank16DoraOnTheAttentionsProjectionsTrains3244032Numbers) {
  ClipVision model(read_clip_config(data / "vit_l14/config.json"), at::kMeta);
  AdapterConfig config;
  config.rank = 16;
  config.dora = true;
  config.targets.names = {"q_proj", "k_proj", "v_proj", "out_proj"};
  add_adapters(model, config, 0);
  std::int64_t count = 0;
  for (const auto& [name, tensor] : adapter_parameters(model)) count += tensor.numel();
  EXPECT_EQ(count, 3'244'032);
}

TEST(Linear, TheDropoutPathIsThatOfPeft) {
  const auto t = load_all(data / "dora/linear_dropout.safetensors");
  Linear linear{t.at("weight"), t.at("bias"), std::make_shared<Adapter>()};
  *linear.adapter = {t.at("lora_A.weight"), t.at("lora_B.weight"), t.at("lora_magnitude_vector"), 2.0, 0.1};
  const at::Tensor keep = t.at("keep_mask").to(at::kFloat) / 0.9;
  EXPECT_TRUE(close(linear.forward(t.at("x")), t.at("eval.y"), 1e-5, rtol));
  EXPECT_TRUE(close(linear.forward(t.at("x"), keep), t.at("train.y"), 1e-5, rtol));
  EXPECT_TRUE(close(linear.merged_weight(), t.at("merged.weight"), 1e-6, 1e-5));

  for (const std::string phase : {"train", "eval"}) {
    const at::Tensor a = t.at("lora_A.weight").clone().requires_grad_(),
                     b = t.at("lora_B.weight").clone().requires_grad_(),
                     m = t.at("lora_magnitude_vector").clone().requires_grad_(), x = t.at("x").clone().requires_grad_();
    *linear.adapter = {a, b, m, 2.0, 0.1};
    linear.forward(x, phase == "train" ? keep : at::Tensor()).backward(t.at("upstream_grad"));
    EXPECT_TRUE(close(a.grad(), t.at(phase + ".grad.lora_A.weight"), 1e-5, rtol));
    EXPECT_TRUE(close(b.grad(), t.at(phase + ".grad.lora_B.weight"), 1e-5, rtol));
    EXPECT_TRUE(close(m.grad(), t.at(phase + ".grad.lora_magnitude_vector"), 1e-5, rtol));
    EXPECT_TRUE(close(x.grad(), t.at(phase + ".grad.x"), 1e-5, rtol));
  }
}

TEST(Linear, PlainLoraAddsTheScaledProduct) {
  const auto t = load_all(data / "dora/linear_dropout.safetensors");
  Linear linear{t.at("weight"), t.at("bias"), std::make_shared<Adapter>()};
  *linear.adapter = {t.at("lora_A.weight"), t.at("lora_B.weight"), {}, 0.5, 0.0};
  const at::Tensor sum = t.at("weight") + 0.5 * at::matmul(t.at("lora_B.weight"), t.at("lora_A.weight"));
  EXPECT_TRUE(close(linear.forward(t.at("x")), at::linear(t.at("x"), sum, t.at("bias")), 1e-5, rtol));
  EXPECT_TRUE(close(linear.merged_weight(), sum, 1e-6));
}

TEST_F(Adapters, AnAdapterForAnotherBaseIsRefused) {
  model = ClipVision::load(data / "clip/tiny_gelu");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("adapter_model.safetensors"), HasSubstr("fit no projection of this base"),
                               HasSubstr("layers.2.")));
}

TEST_F(Adapters, NamesTheTensorThatIsMissingOrOfAnotherShape) {
  const auto file = folder / "adapter_model.safetensors";
  replace_tensor(file, key, {});
  EXPECT_THAT(refusal(), HasSubstr("encoder.layers.0.self_attn.q_proj.lora_A is missing"));
  replace_tensor(file, key, at::ones({8, 64}));
  EXPECT_THAT(refusal(), HasSubstr("q_proj.lora_A is 8x64 instead of 16x64"));
  replace_tensor(file, key, at::full({16, 64}, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_THAT(refusal(), HasSubstr("not finite"));
  EXPECT_EQ(model.layers().front().q.adapter, nullptr) << "a refused adapter must leave the model as it was";
}

TEST_F(Adapters, HalfAnAdapterIsRefused) {
  const auto file = folder / "adapter_model.safetensors";
  const SafetensorsFile whole(file);
  for (const auto& [name, entry] : whole.entries())
    if (name.find("layers.0.") != std::string::npos) replace_tensor(file, name, {});
  EXPECT_THAT(refusal(), AllOf(HasSubstr("have no adapter"), HasSubstr("encoder.layers.0.self_attn.q_proj")));
  set_config(R"("layers_to_transform": null)", R"("layers_to_transform": [1, 2])");
  EXPECT_EQ(refusal(), "") << "the file says that only these layers have one";
}

TEST_F(Adapters, GoWhereTheModelGoes) {
  const at::NoGradGuard constant;
  load_adapters(model, folder);
  const at::Tensor pixels = expected.at("pixel_values");
  const at::Tensor before = model.forward(pixels).pooled;
  model.to(at::kCPU, at::kDouble);
  EXPECT_TRUE(close(model.forward(pixels).pooled.to(at::kFloat), before, 1e-4, 1e-4));
}

TEST_F(Adapters, ATruncatedFileIsRefused) {
  const auto file = folder / "adapter_model.safetensors";
  const std::string whole = read_bytes(file);
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() - 1}) {
    write_bytes(file, whole.substr(0, bytes));
    EXPECT_THAT(refusal(), HasSubstr("adapter_model.safetensors")) << bytes;
  }
  std::filesystem::remove(file);
  EXPECT_THAT(refusal(), HasSubstr("adapter_model.safetensors"));
}

TEST_F(Adapters, ATensorOfWholeNumbersOrUnderTwoNamesIsRefused) {
  const auto file = folder / "adapter_model.safetensors";
  const at::Tensor right = load_all(file).at(key);
  replace_tensor(file, key, at::ones({16, 64}, at::kLong));
  EXPECT_THAT(refusal(), AllOf(HasSubstr(key), HasSubstr("holds whole numbers")));
  replace_tensor(file, key, right);
  replace_tensor(file, key.substr(std::string("base_model.model.").size()), right);
  EXPECT_THAT(refusal(), HasSubstr("q_proj.lora_A is there under two names"));
}

}  // namespace
}  // namespace dfpipe::detector
