#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "adapters.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AdapterFiles : public ::testing::Test {
 protected:
  AdapterFiles() { copy_folder(data / "dora", folder); }

  /// Changes keys of the configuration; null takes one out.
  void change(const json& keys) const {
    json config = json::parse(read_bytes(data / "dora/adapter_config.json"));
    config.update(keys);
    write_bytes(folder / "adapter_config.json", config.dump());
  }
  std::string refusal() const {
    return message_of([&] { read_adapter_config(folder / "adapter_config.json"); });
  }
  /// Of all projections of the tiny model, those that the changed configuration selects.
  std::vector<std::string> selected(const json& keys) const {
    change(keys);
    const AdapterConfig config = read_adapter_config(folder / "adapter_config.json");
    std::vector<std::string> all;
    for (const std::string layer : {"0", "1", "2"})
      for (const std::string part : {"self_attn.q_proj", "self_attn.v_proj", "mlp.fc1"})
        if (config.selects("encoder.layers." + layer + "." + part))
          all.push_back(layer + "." + part.substr(part.find('.') + 1));
    return all;
  }

  ScratchFolder scratch;
  std::filesystem::path folder = scratch.path() / "dora";
  std::filesystem::path saved = scratch.path() / "new/saved";
  ClipVision model = ClipVision::load(data / "clip/tiny");
};

TEST_F(AdapterFiles, AreSavedByteForByteAsPeftSavedThem) {
  const AdapterConfig config = load_adapters(model, folder);
  save_adapters(model, config, saved);
  for (const char* const file : {"adapter_config.json", "adapter_model.safetensors"})
    EXPECT_TRUE(read_bytes(saved / file) == read_bytes(folder / file)) << file;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(saved), {}), 2);
}

TEST_F(AdapterFiles, KeepTheKeysOfALaterPeftAndOfNobody) {
  std::filesystem::copy(folder / "adapter_config_0.19.1.json", folder / "adapter_config.json",
                        std::filesystem::copy_options::overwrite_existing);
  json before = json::parse(read_bytes(folder / "adapter_config.json"));
  before["future_key"] = {{"x", json::array({1, "two"})}};
  write_bytes(folder / "adapter_config.json", before.dump());
  const AdapterConfig config = load_adapters(model, folder);
  save_adapters(model, config, saved);
  EXPECT_EQ(json::parse(read_bytes(saved / "adapter_config.json")), before);
}

TEST_F(AdapterFiles, NewAdaptersComeBackBitForBit) {
  for (const bool dora : {false, true})
    for (const bool rslora : {false, true}) {
      AdapterConfig config;
      config.rank = 3;
      config.alpha = 2.5;
      config.dora = dora;
      config.rslora = rslora;
      config.dropout = 0.25;
      config.targets = AdapterConfig::all_linear();
      config.exclude.names = {"layers.1.mlp.fc2"};
      config.rank_pattern = {{"fc1", 5}, {"layers\\.0\\..*q_proj", 1}};
      config.alpha_pattern = {{"k_proj", 7}};
      config.base = "some/base";
      ClipVision first = ClipVision::load(data / "clip/tiny");
      add_adapters(first, config, 11);
      save_adapters(first, config, saved);

      ClipVision second = ClipVision::load(data / "clip/tiny");
      const AdapterConfig read = load_adapters(second, saved);
      EXPECT_EQ(adapter_config_text(read), adapter_config_text(config));
      const auto before = adapter_parameters(first), after = adapter_parameters(second);
      ASSERT_EQ(before.size(), 17u * (dora ? 3 : 2));
      ASSERT_EQ(after.size(), before.size());
      for (const auto& [name, tensor] : before) EXPECT_TRUE(at::equal(tensor, after.at(name))) << name;
      const auto scaling = [&](const char* module) { return second.projection(module)->adapter->scaling; };
      EXPECT_EQ(scaling("encoder.layers.2.mlp.fc1"), 2.5 / (rslora ? std::sqrt(5.0) : 5));
      EXPECT_EQ(scaling("encoder.layers.2.self_attn.k_proj"), 7 / (rslora ? std::sqrt(3.0) : 3));
      EXPECT_EQ(scaling("encoder.layers.0.self_attn.q_proj"), 2.5);
      EXPECT_EQ(second.projection("encoder.layers.0.self_attn.q_proj")->adapter->dropout, 0.25);
      EXPECT_EQ(second.projection("encoder.layers.1.mlp.fc2")->adapter, nullptr);
    }
}

TEST_F(AdapterFiles, TargetsAreListsNamesAllLinearOrPatterns) {
  const std::vector<std::string> queries{"0.q_proj", "1.q_proj", "2.q_proj"};
  EXPECT_EQ(selected({{"target_modules", {"q_proj"}}}), queries);
  EXPECT_EQ(selected({{"target_modules", "q_proj"}}), queries);
  EXPECT_EQ(selected({{"target_modules", R"(.*\.self_attn\.(q|k)_proj)"}}), queries);
  EXPECT_EQ(selected({{"target_modules", R"(vision_model\.encoder\.layers\.[0-9]+\.\w{9}\.q_proj$)"}}), queries);
  EXPECT_THAT(selected({{"target_modules", "q_proj$"}}), ElementsAre()) << "the whole name must match";
  EXPECT_EQ(selected({{"target_modules", "all-linear"}}).size(), 9u);
  EXPECT_THAT(selected({{"target_modules", {"layers.1.mlp.fc1", "vision_model.encoder.layers.2.mlp.fc1", "proj"}}}),
              ElementsAre("1.fc1", "2.fc1"));
}

TEST_F(AdapterFiles, LayersAndExceptionsNarrowTheTargets) {
  EXPECT_THAT(selected({{"layers_to_transform", {0, 2}}}), ElementsAre("0.q_proj", "0.v_proj", "2.q_proj", "2.v_proj"));
  EXPECT_THAT(selected({{"layers_to_transform", 1}, {"layers_pattern", "layers"}}),
              ElementsAre("1.q_proj", "1.v_proj"));
  EXPECT_THAT(
      selected({{"layers_to_transform", {1}}, {"target_modules", {"fc1", "vision_model.encoder.layers.2.mlp.fc1"}}}),
      ElementsAre("1.fc1", "2.fc1"))
      << "a target that is called by its whole name is meant whatever its layer";
  EXPECT_THAT(selected({{"exclude_modules", {"q_proj", "layers.0.self_attn.v_proj"}}}),
              ElementsAre("1.v_proj", "2.v_proj"));
  EXPECT_THAT(selected({{"exclude_modules", ".*layers.(0|1).*"}}), ElementsAre("2.q_proj", "2.v_proj"));
}

TEST_F(AdapterFiles, SettingsThatWouldChangeTheMathematicsAreRefused) {
  const std::map<std::string, json> bad{{"fan_in_fan_out", true},
                                        {"modules_to_save", {"classifier"}},
                                        {"layer_replication", {{0, 1}}},
                                        {"lora_bias", true},
                                        {"use_qalora", true},
                                        {"use_bdlora", {{"nblocks", 2}}},
                                        {"target_parameters", {"x"}},
                                        {"trainable_token_indices", {1}},
                                        {"alora_invocation_tokens", {1, 2}},
                                        {"arrow_config", {{"top_k", 3}}},
                                        {"init_lora_weights", "pissa_niter_16"},
                                        {"bias", "all"},
                                        {"peft_type", "IA3"}};
  for (const auto& [name, value] : bad) {
    change({{name, value}});
    EXPECT_THAT(refusal(), AllOf(HasSubstr("adapter_config.json: " + name), HasSubstr("not supported"))) << value;
  }
  change({{"init_lora_weights", "gaussian"}});
  EXPECT_EQ(refusal(), "");
}

TEST_F(AdapterFiles, ValuesOfTheWrongKindNameTheirKey) {
  const std::vector<std::pair<std::string, json>> bad{{"r", 0},
                                                      {"r", 1.5},
                                                      {"r", "16"},
                                                      {"lora_alpha", "32"},
                                                      {"lora_dropout", 1},
                                                      {"lora_dropout", {0.1}},
                                                      {"use_dora", "yes"},
                                                      {"use_rslora", 1},
                                                      {"target_modules", json::array()},
                                                      {"target_modules", nullptr},
                                                      {"target_modules", {1}},
                                                      {"target_modules", 5},
                                                      {"exclude_modules", {{"a", 1}}},
                                                      {"layers_to_transform", {-1}},
                                                      {"layers_to_transform", "1"},
                                                      {"rank_pattern", {1}},
                                                      {"rank_pattern", {{"fc1", 0}}},
                                                      {"rank_pattern", {{"(", 4}}},
                                                      {"alpha_pattern", {{"fc1", nullptr}}}};
  for (const auto& [name, value] : bad) {
    change({{name, value}});
    EXPECT_THAT(refusal(), HasSubstr("adapter_config.json: " + name)) << value;
  }
  change({{"layers_to_transform", {0}}, {"target_modules", ".*q_proj"}});
  EXPECT_THAT(refusal(), HasSubstr("layers_to_transform and a pattern in target_modules exclude each other"));
  change({{"layers_to_transform", {0}}, {"layers_pattern", "blocks"}});
  EXPECT_THAT(refusal(), HasSubstr("layers_pattern \"blocks\" is not supported"));
}

TEST_F(AdapterFiles, PatternsBeyondTheCommonSyntaxAreRefusedAndNoneTakesForEver) {
  for (const char* const pattern : {R"((?i).*q_proj)", R"((?P<x>.*)q_proj)", R"(.*(?<!k)_proj)", R"((.)\1.*)",
                                    R"(.*\bq_proj)", ".*q_proj(", "q_proj)*", "[", "[]a]+", R"([\d]+)", "a**", "a{",
                                    "a{100}", "a{2,b}", "*a", "q_proj|q proj*", "((a{9}){9}){9}", "[z-a]+"}) {
    change({{"target_modules", pattern}});
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("adapter_config.json: target_modules: "), HasSubstr("the regular expression")))
        << pattern;
  }
  EXPECT_THAT(selected({{"target_modules", "((.|.)+)+((\\w?|\\.)*)*(a?){99}x"}}), ElementsAre());
}

TEST_F(AdapterFiles, RefusesTargetsThatTheModelLacksOrCannotAdapt) {
  change({{"target_modules", {"qkv"}}});
  const auto loading = [&] { return message_of([&] { load_adapters(model, folder); }); };
  EXPECT_THAT(loading(), AllOf(HasSubstr("adapter_config.json"), HasSubstr("selects no projection")));
  change({{"target_modules", {"q_proj", "patch_embedding"}}});
  EXPECT_THAT(loading(), HasSubstr("embeddings.patch_embedding, but only linear projections"));
  change({{"target_modules", {"q_proj", "v_proj", "k_proj"}}});
  EXPECT_THAT(loading(),
              AllOf(HasSubstr("does not select these projections"), HasSubstr("layers.0.self_attn.out_proj")));
  change({{"r", 8}});
  EXPECT_THAT(loading(), HasSubstr("lora_A is 16x64 instead of 8x64"));
  change({{"use_dora", false}});
  EXPECT_THAT(loading(), HasSubstr("lora_magnitude_vector"));
  EXPECT_TRUE(adapter_parameters(model).empty());
}

TEST_F(AdapterFiles, OnlyTheSettingsTheyWereMadeWithAreSaved) {
  AdapterConfig config = load_adapters(model, folder);
  const auto saving = [&] { return message_of([&] { save_adapters(model, config, saved); }); };
  config.alpha = 5;
  EXPECT_THAT(saving(), HasSubstr("was not made with these settings"));
  config.alpha = 32;
  config.layers = {0};
  EXPECT_THAT(saving(), HasSubstr("layers.1.self_attn.k_proj"));
  config.layers = {};
  write_bytes(scratch.path() / "new", "a file where the folder should be");
  EXPECT_THAT(saving(), AllOf(HasSubstr("new/saved"), HasSubstr("cannot be created")));
  EXPECT_EQ(message_of([&] { save_adapters(model, config, folder); }), "") << "an earlier result is replaced";
}

}  // namespace
}  // namespace dfpipe::detector
