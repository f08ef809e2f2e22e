#include "adapters.hpp"

#include <gmock/gmock.h>

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

TEST_F(Adapters, GradientsAreThoseOfPeftWithTheNormDetached) {
  load_adapters(model, folder);
  std::map<std::string, at::Tensor> trained;
  const std::string lead = "encoder.layers.1.self_attn.";
  for (const char* const part : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
    Adapter& adapter = *model.projection(lead + part)->adapter;
    const std::string name = "grad.base_model.model.vision_model." + lead + part;
    trained[name + ".lora_A.weight"] = adapter.a.requires_grad_();
    trained[name + ".lora_B.weight"] = adapter.b.requires_grad_();
    trained[name + ".lora_magnitude_vector"] = adapter.magnitude.requires_grad_();
  }
  ClipRequest request;
  request.hidden_states = true;
  const ClipOutput out = model.forward(expected.at("pixel_values"), request);
  const at::Tensor loss = (out.pooled - expected.at("loss_target")).square().mean() +
                          (out.hidden_states.back() * expected.at("loss_weight")).sum(-1).mean();
  EXPECT_TRUE(close(loss, expected.at("loss"), atol, rtol));
  loss.backward();
  for (const auto& [name, tensor] : trained) {
    const at::Tensor& wanted = expected.at(name);
    EXPECT_TRUE(close(tensor.grad(), wanted, 1e-4 * wanted.abs().max().item<double>())) << name;
  }
}

TEST(Linear, TheDropoutPathIsThatOfPeft) {
  const auto t = load_all(data / "dora/linear_dropout.safetensors");
  Linear linear{t.at("weight"), t.at("bias"), std::make_shared<Adapter>()};
  *linear.adapter = {t.at("lora_A.weight"), t.at("lora_B.weight"), t.at("lora_magnitude_vector"), 2.0, 0.1};
  const at::Tensor keep = t.at("keep_mask").to(at::kFloat) / 0.9;
  EXPECT_TRUE(close(linear.forward(t.at("x")), t.at("eval.y"), 1e-5, rtol));
  EXPECT_TRUE(close(linear.forward(t.at("x"), keep), t.at("train.y"), 1e-5, rtol));
  EXPECT_TRUE(close(linear.merged_weight(), t.at("merged.weight"), 1e-6, 1e-5));

  linear.adapter->a.requires_grad_();
  linear.adapter->b.requires_grad_();
  linear.adapter->magnitude.requires_grad_();
  linear.forward(t.at("x"), keep).backward(t.at("upstream_grad"));
  EXPECT_TRUE(close(linear.adapter->a.grad(), t.at("train.grad.lora_A.weight"), 1e-5, rtol));
  EXPECT_TRUE(close(linear.adapter->b.grad(), t.at("train.grad.lora_B.weight"), 1e-5, rtol));
  EXPECT_TRUE(close(linear.adapter->magnitude.grad(), t.at("train.grad.lora_magnitude_vector"), 1e-5, rtol));
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

TEST_F(Adapters, RefusesSettingsThatWouldChangeTheMathematics) {
  set_config(R"("fan_in_fan_out": false)", R"("fan_in_fan_out": true)");
  EXPECT_THAT(refusal(), HasSubstr("fan_in_fan_out is not supported"));
  set_config(R"("fan_in_fan_out": true)", R"("future_key": {"x": 1})");
  EXPECT_EQ(refusal(), "") << "unknown keys are passed over";
  set_config(R"("init_lora_weights": true)", R"("init_lora_weights": "pissa_niter_16")");
  EXPECT_THAT(refusal(), HasSubstr("\"pissa_niter_16\" changes the base's weights"));
  set_config(R"("init_lora_weights": "pissa_niter_16")", R"("init_lora_weights": true)");
  set_config(R"("bias": "none")", R"("bias": "all")");
  EXPECT_THAT(refusal(), HasSubstr("only bias none"));
}

}  // namespace
}  // namespace dfpipe::detector
