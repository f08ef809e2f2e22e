#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "clip_encoder.hpp"
#include "rollout_map.hpp"
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

/// A folder laid out like the published `openai/clip-vit-large-patch14`: nested configuration with the defaults left
/// out, one float32 file with both towers and their position_ids. The vision tower's numbers follow the rule; the text
/// tower's are a hole in the file, which reads as zeros.
class PublishedFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    constexpr std::uintmax_t needed = 2'000'000'000;
    if (std::filesystem::space(scratch.path()).available < needed)
      GTEST_SKIP() << "skipped: less than 2 GB are free in " << scratch.path();
    write_bytes(scratch.path() / "config.json", R"({"architectures": ["CLIPModel"], "model_type": "clip",
      "projection_dim": 768, "logit_scale_init_value": 2.6592, "torch_dtype": "float32",
      "text_config": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12,
                      "num_hidden_layers": 12, "model_type": "clip_text_model"},
      "vision_config": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
                        "num_hidden_layers": 24, "patch_size": 14, "model_type": "clip_vision_model"}})");
    const ClipConfig config = read_clip_config(data / "vit_l14/config.json");
    for (const auto& [name, tensor] : ClipVision(config, at::kMeta).parameters())
      add(name, "F32", tensor.sizes().vec());
    add("vision_model.embeddings.position_ids", "I64", {1, 257});
    add_text_tower();
    write();
  }

  ScratchFolder scratch;

 private:
  struct Place {
    std::string name;
    std::vector<std::int64_t> shape;
    std::size_t begin;
  };

  void add(const std::string& name, const char* dtype, const std::vector<std::int64_t>& shape) {
    const auto numbers = std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
    const std::size_t end = size_ + numbers * (dtype[0] == 'I' ? 8 : 4);
    header_[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {size_, end}}};
    if (dtype[0] == 'F' && name.starts_with("vision_model.")) places_.push_back({name, shape, size_});
    size_ = end;
  }

  void add_text_tower() {
    const std::string text = "text_model.";
    add(text + "embeddings.token_embedding.weight", "F32", {49408, 768});
    add(text + "embeddings.position_embedding.weight", "F32", {77, 768});
    add(text + "embeddings.position_ids", "I64", {1, 77});
    for (int i = 0; i < 12; ++i) {
      const std::string layer = text + "encoder.layers." + std::to_string(i) + ".";
      for (const char* const part :
           {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"}) {
        add(layer + part + ".weight", "F32", {768, 768});
        add(layer + part + ".bias", "F32", {768});
      }
      add(layer + "mlp.fc1.weight", "F32", {3072, 768});
      add(layer + "mlp.fc1.bias", "F32", {3072});
      add(layer + "mlp.fc2.weight", "F32", {768, 3072});
      add(layer + "mlp.fc2.bias", "F32", {768});
      for (const char* const norm : {"layer_norm1", "layer_norm2"}) {
        add(layer + norm + ".weight", "F32", {768});
        add(layer + norm + ".bias", "F32", {768});
      }
    }
    for (const char* const part : {"weight", "bias"}) add(text + "final_layer_norm." + part, "F32", {768});
    add("logit_scale", "F32", {});
    add("text_projection.weight", "F32", {768, 768});
    add("visual_projection.weight", "F32", {768, 1024});
  }

  void write() {
    header_["__metadata__"] = {{"format", "pt"}};
    std::string header = header_.dump();
    header.append((8 - header.size() % 8) % 8, ' ');
    std::ofstream out(scratch.path() / "model.safetensors", std::ios::binary);
    const std::uint64_t length = header.size();
    out.write(reinterpret_cast<const char*>(&length), 8) << header;
    for (const Place& place : places_) {
      const at::Tensor numbers = at::empty(place.shape);
      fill(place.name, numbers);
      out.seekp(static_cast<std::streamoff>(8 + length + place.begin));
      out.write(static_cast<const char*>(numbers.data_ptr()), static_cast<std::streamsize>(numbers.nbytes()));
    }
    out.close();
    ASSERT_TRUE(out) << "the file cannot be written";
    std::filesystem::resize_file(scratch.path() / "model.safetensors", 8 + length + size_);
  }

  nlohmann::json header_;
  std::vector<Place> places_;
  std::size_t size_ = 0;
};

at::Tensor cls_rows_of_layer(const std::map<std::string, at::Tensor>& expected, const char* layer) {
  return expected.at(std::string("attentions.cls_row.") + layer).mean(1);
}

TEST_F(PublishedFolder, GivesTheReferencesNumbersAtFullSize) {
  const at::NoGradGuard constant;
  const auto expected = load_all(data / "vit_l14/expected.safetensors");
  const at::Tensor pixels = at::empty({2, 3, 224, 224});
  fill("pixel_values", pixels);
  EXPECT_TRUE(at::equal(
      pixels.flatten().narrow(0, 0, 4),
      at::tensor({-1.6638686656951904, -1.396493911743164, 0.546828031539917, 0.3883330821990967}).to(at::kFloat)));
  ClipRequest request;
  request.attentions = HeadFusion::mean;
  {
    const ClipVision plain = ClipVision::load(scratch.path());
    EXPECT_EQ(plain.parameter_count(), 303'179'776);
    request.hidden_states = true;
    const ClipOutput all = plain.forward(pixels, request);
    request.hidden_states = false;
    EXPECT_TRUE(close(all.pooled, expected.at("pooler_output"), 5e-5));
    ASSERT_EQ(all.hidden_states.size(), 25u);
    for (std::int64_t i = 0; i < 25; ++i) {
      const at::Tensor rms =
          all.hidden_states[static_cast<std::size_t>(i)].to(at::kDouble).square().mean({1, 2}).sqrt();
      EXPECT_TRUE(close(rms, expected.at("hidden_states.rms").select(1, i), 0, 1e-5)) << i;
    }
  }
  const auto encoder = make_encoder(ClipVision::map(scratch.path()), at::kCPU, at::kFloat);
  const ClipOutput out = encoder->forward(pixels, request);
  EXPECT_TRUE(close(out.pooled, expected.at("pooler_output"), 5e-5));
  EXPECT_TRUE(close(encoder->forward(pixels, {}).pooled, expected.at("pooler_output"), 5e-5));
  EXPECT_TRUE(close(out.attentions.front().select(1, 0), cls_rows_of_layer(expected, "layer0"), 1e-5));
  EXPECT_TRUE(close(out.attentions.back().select(1, 0), cls_rows_of_layer(expected, "layer23"), 1e-5));
  const at::Tensor heatmap = explain::cls_rollout(out.attentions, {}).view({2, 16, 16});
  EXPECT_TRUE(close(heatmap, expected.at("rollout_heatmap"), 0, 1e-3));
}

TEST_F(PublishedFolder, StaysCloseToThemInBf16) {
  if (!has_fast_bf16()) GTEST_SKIP() << "skipped: this processor has no bfloat16 instructions";
  const auto expected = load_all(data / "vit_l14/expected.safetensors");
  const at::Tensor pixels = at::empty({2, 3, 224, 224});
  fill("pixel_values", pixels);
  const auto encoder = make_encoder(ClipVision::map(scratch.path()), at::kCPU, at::kBFloat16);
  const at::Tensor pooled = encoder->forward(pixels, {}).pooled, wanted = expected.at("pooler_output");
  EXPECT_LT((pooled - wanted).norm().item<double>(), 0.02 * wanted.norm().item<double>());
}

}  // namespace
}  // namespace dfpipe::detector
