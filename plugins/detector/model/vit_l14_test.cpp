#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "clip_vision.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;

struct Rule {
  const char* suffix;
  double offset;
  int exponent;
};

// First match wins.
constexpr Rule rules[] = {{"pre_layrnorm.weight", 1, -3},
                          {"layer_norm1.weight", 1, -3},
                          {"layer_norm2.weight", 1, -3},
                          {"post_layernorm.weight", 1, -3},
                          {"pre_layrnorm.bias", 0, -4},
                          {"layer_norm1.bias", 0, -4},
                          {"layer_norm2.bias", 0, -4},
                          {"post_layernorm.bias", 0, -4},
                          {"embeddings.class_embedding", 0, -1},
                          {"embeddings.position_embedding.weight", 0, -2},
                          {"embeddings.patch_embedding.weight", 0, -4},
                          {"q_proj.weight", 0, -3},
                          {"k_proj.weight", 0, -4},
                          {"v_proj.weight", 0, -4},
                          {"out_proj.weight", 0, -5},
                          {"mlp.fc1.weight", 0, -4},
                          {"mlp.fc2.weight", 0, -6},
                          {".bias", 0, -5},
                          {"pixel_values", 0, 1}};

/// Numbers that anyone can make again: splitmix64 from the FNV-1a hash of salt and name, 24 bits each.
void fill(const std::string& name, const at::Tensor& tensor) {
  std::uint64_t base = 0xCBF29CE484222325u;
  for (const char c : "golden-A-7f31:" + name) base = (base ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  const Rule* rule = rules;
  while (!name.ends_with(rule->suffix)) ++rule;
  const double scale = std::ldexp(1.0, rule->exponent - 23);
  float* const at = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    std::uint64_t z = base + static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    at[i] =
        static_cast<float>(rule->offset + scale * static_cast<double>(static_cast<std::int64_t>(z >> 40) - (1 << 23)));
  }
}

TEST(VitL14, GivesTheReferencesNumbersAtFullSize) {
  const at::NoGradGuard constant;
  const auto expected = load_all(data / "vit_l14/expected.safetensors");
  const ClipVision model(read_clip_config(data / "vit_l14/config.json"));
  EXPECT_EQ(model.parameter_count(), 303'179'776);
  const at::Tensor pixels = at::empty({2, 3, 224, 224});
  fill("pixel_values", pixels);
  EXPECT_TRUE(at::equal(
      pixels.flatten().narrow(0, 0, 4),
      at::tensor({-1.6638686656951904, -1.396493911743164, 0.546828031539917, 0.3883330821990967}).to(at::kFloat)));
  for (const auto& [name, tensor] : model.parameters()) fill(name, tensor);

  ClipRequest request;
  request.attentions = HeadFusion::mean;
  request.hidden_states = true;
  const ClipOutput all = model.forward(pixels, request);
  EXPECT_TRUE(close(all.pooled, expected.at("pooler_output"), 5e-5));
  ASSERT_EQ(all.hidden_states.size(), 25u);
  for (std::int64_t i = 0; i < 25; ++i) {
    const at::Tensor rms = all.hidden_states[static_cast<std::size_t>(i)].to(at::kDouble).square().mean({1, 2}).sqrt();
    EXPECT_TRUE(close(rms, expected.at("hidden_states.rms").select(1, i), 0, 1e-5)) << i;
  }
  EXPECT_TRUE(close(all.attentions.front().select(1, 0), expected.at("attentions.cls_row.layer0").mean(1), 1e-5));
  EXPECT_TRUE(close(all.attentions.back().select(1, 0), expected.at("attentions.cls_row.layer23").mean(1), 1e-5));
  EXPECT_TRUE(close(model.forward(pixels).pooled, expected.at("pooler_output"), 5e-5)) << "the short last block";
}

}  // namespace
}  // namespace dfpipe::detector
