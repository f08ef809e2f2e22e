#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "detector_model.hpp"
#include "test_tensors.hpp"
#include "testing/process.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using dfpipe::testing::Finished;
using dfpipe::testing::run_process;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::json;
namespace fs = std::filesystem;

Finished model(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {DFPIPE_BINARY, "model"});
  return run_process(arguments);
}

/// What the one line on stderr says, for commands that fail.
std::string refusal(const std::vector<std::string>& arguments, int exit_code = 1) {
  const Finished f = model(arguments);
  EXPECT_EQ(f.exit_code, exit_code) << f.out << f.err;
  EXPECT_THAT(f.out, IsEmpty());
  return f.err;
}

class ModelCommand : public ::testing::Test {
 protected:
  ModelCommand() {
    copy_folder(data / "original", merged_);
    fs::remove(merged_ / "head_weights.safetensors");
    fs::copy(data / "original_head_weights.pt", merged_ / "head_weights.pt");
    copy_folder(data / "original_training", training_);
    copy_folder(data / "original/clip_vision", clip_);
  }
  std::string to(const char* name = "out") const { return (scratch_.path() / name).string(); }
  std::vector<std::string> names(const fs::path& folder) const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path().filename().string());
    return all;
  }
  /// What `one` has `other` has too: CLIP within `limit`, heads to the bit.
  void expect_alike(const fs::path& one, const fs::path& other, double limit) const {
    auto a = DetectorModel::load(one), b = DetectorModel::load(other);
    for (const auto& [name, tensor] : a.clip.parameters())
      EXPECT_TRUE(close(tensor, b.clip.parameters().at(name), limit)) << name;
    for (const auto& [name, tensor] : a.heads.parameters())
      EXPECT_TRUE(at::equal(tensor, b.heads.parameters().at(name))) << name;
  }

  ScratchFolder scratch_;
  fs::path merged_ = scratch_.path() / "original", training_ = scratch_.path() / "training",
           clip_ = scratch_.path() / "clip";
};

TEST_F(ModelCommand, InfoTellsWhatAModelIs) {
  const Finished text = model({"info", merged_});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("ViT 2x32, patch 32, image 224"), HasSubstr("27,328 parameters, F32"),
                              HasSubstr("0 Realism, 1 Deepfake"), HasSubstr("bicubic, shorter side 224"),
                              HasSubstr("trained         yes"), Not(HasSubstr("DAMAGED"))));
  const Json json = Json::parse(model({"info", merged_, "--json"}).out);
  EXPECT_EQ(json["kind"], "model");
  EXPECT_EQ(json["parameters"]["fft_branch"], 27328);
  EXPECT_EQ(json["parameters"]["classifier"], 160 * 256 + 256 + 2 * 256 + 2);
  EXPECT_EQ(json["parameters"]["clip"], DetectorModel::load(merged_).clip.parameter_count());
  EXPECT_EQ(json["dtypes"]["fft_branch"], (Json{{"F32", 14}, {"I64", 2}}));
  EXPECT_EQ(json["files"].size(), 4u);
  EXPECT_EQ(json["files"][1]["bytes"], fs::file_size(merged_ / "clip_vision/model.safetensors"));
  const Finished sum = run_process({"sha256sum", merged_ / "head_weights.pt"});
  EXPECT_EQ(sum.out.substr(0, 64), json["files"][2]["sha256"]);
  const Json quick = Json::parse(model({"info", merged_, "--json", "--no-hashes"}).out);
  EXPECT_FALSE(quick.contains("sha256"));
}

TEST_F(ModelCommand, InfoKnowsTrainingsClipFoldersAndAdapters) {
  const Json training = Json::parse(model({"info", training_, "--json"}).out);
  EXPECT_EQ(training["kind"], "training");
  EXPECT_EQ(training["adapters"]["rank"], 4);
  EXPECT_TRUE(training["adapters"]["dora"]);
  EXPECT_EQ(training["adapters"]["targets"].size(), 4u);
  EXPECT_EQ(training["parameters"]["adapters"], 2 * 4 * (32 * 4 + 4 * 32 + 32));
  EXPECT_TRUE(training["adapters"]["base_is_here"]) << "the base lies beside the adapters";
  EXPECT_TRUE(training["parameters"].contains("projection_head"));

  const Json clip = Json::parse(model({"info", clip_, "--json"}).out);
  EXPECT_EQ(clip["kind"], "clip");
  EXPECT_FALSE(clip.contains("trained"));

  const Finished adapters = model({"info", training_ / "dora"});
  EXPECT_EQ(adapters.exit_code, 0);
  EXPECT_THAT(adapters.out,
              AllOf(HasSubstr("(adapters)"), HasSubstr("DoRA of rank 4"), HasSubstr("not on this machine")));
}

/// A safetensors file of zeros that takes no space on the disk.
void write_hollow(const fs::path& file, const std::map<std::string, at::Tensor>& shapes) {
  Json header;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : shapes) {
    const std::size_t size = static_cast<std::size_t>(tensor.numel()) * 4;
    header[name] = {{"dtype", "F32"}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  const std::string text = header.dump();
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(text.size() >> (8 * i));
  write_bytes(file, length + text);
  fs::resize_file(file, 8 + text.size() + offset);
}

TEST_F(ModelCommand, InfoCountsALargeModelFromItsHeadersAlone) {
  const ClipConfig config{1024, 4096, 24, 16, 3, 224, 14};
  const fs::path folder = scratch_.path() / "large";
  fs::create_directories(folder / "base");
  fs::create_directories(folder / "dora");
  write_bytes(folder / "base/config.json",
              R"({"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
                  "patch_size": 14})");
  write_hollow(folder / "base/model.safetensors", ClipVision(config, at::kMeta).parameters());
  std::map<std::string, at::Tensor> adapters;
  const auto meta = [](std::vector<std::int64_t> shape) { return at::empty(shape, at::device(at::kMeta)); };
  for (int layer = 0; layer < 24; ++layer)
    for (const char* const part : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
      const std::string name =
          "base_model.model.vision_model.encoder.layers." + std::to_string(layer) + ".self_attn." + part;
      adapters[name + ".lora_A.weight"] = meta({16, 1024});
      adapters[name + ".lora_B.weight"] = meta({1024, 16});
      adapters[name + ".lora_magnitude_vector"] = meta({1024});
    }
  write_hollow(folder / "dora/adapter_model.safetensors", adapters);
  write_bytes(folder / "dora/adapter_config.json", R"({"base_model_name_or_path": "base", "use_dora": true, "r": 16})");
  Heads heads(1024);
  for (const auto& [name, tensor] : heads.parameters()) tensor.zero_();
  heads.save_original(folder / "head_weights.pt");

  const Finished f = model({"info", folder, "--json", "--no-hashes"});
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  const Json json = Json::parse(f.out);
  EXPECT_EQ(json["parameters"]["clip"], 303'179'776);
  EXPECT_EQ(json["parameters"]["adapters"], 3'244'032);
  EXPECT_EQ(json["parameters"]["fft_branch"], 27'328);
  EXPECT_EQ(json["parameters"]["classifier"], 295'682);
  EXPECT_GT(json["bytes"], 1'200'000'000);
  EXPECT_LT(f.peak_kib - model({"info", merged_, "--json", "--no-hashes"}).peak_kib, 50'000);
}

TEST_F(ModelCommand, InfoNamesEveryDamage) {
  fs::resize_file(merged_ / "clip_vision/model.safetensors", 100000);
  fs::resize_file(merged_ / "head_weights.pt", 1000);
  write_bytes(merged_ / "preprocessor_config.json", R"({"crop_size": 300})");
  const Finished f = model({"info", merged_});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.out,
              AllOf(HasSubstr("model.safetensors: tensor"), HasSubstr("head_weights.pt: is no zip archive, or is cut"),
                    HasSubstr("another size than the 224x224")));
  EXPECT_THAT(refusal({"info", to("nowhere")}), HasSubstr("is no model folder"));
  EXPECT_THAT(refusal({"info", scratch_.path()}), HasSubstr("holds no model"));
  EXPECT_THAT(refusal({"info"}, 2), HasSubstr("dir is required"));
}

TEST_F(ModelCommand, ImportMakesAModelOfTheOriginalsFiles) {
  const Finished f = model({"import", merged_, "--to", to()});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("ViT 2x32"));
  EXPECT_THAT(names(to()), UnorderedElementsAre("clip_vision", "head_weights.safetensors", "preprocessor_config.json"));
  EXPECT_THAT(names(to() + "/clip_vision"), UnorderedElementsAre("config.json", "model.safetensors"));
  expect_alike(merged_, to(), 0);
  EXPECT_THAT(refusal({"import", merged_, "--to", to()}), HasSubstr("--force"));
  EXPECT_EQ(model({"import", merged_, "--to", to(), "--force", "--precision", "bf16"}).exit_code, 0);
  EXPECT_EQ(SafetensorsFile(to() + "/clip_vision/model.safetensors").entries().begin()->second.dtype, at::kBFloat16);
  expect_alike(merged_, to(), 0.02);
}

TEST_F(ModelCommand, ImportMergesTheAdaptersOfATraining) {
  EXPECT_EQ(model({"import", training_, "--to", to()}).exit_code, 0);
  expect_alike(data / "original", to(), 1e-6);
  fs::rename(training_ / "base", to("elsewhere"));
  EXPECT_THAT(refusal({"import", training_, "--to", to("two")}), HasSubstr("'base' is no folder with a CLIP model"));
  EXPECT_EQ(model({"import", training_, "--to", to("two"), "--base", to("elsewhere")}).exit_code, 0);
  EXPECT_THAT(refusal({"import", training_, "--to", to("three"), "--base", training_}),
              HasSubstr("is no folder with a CLIP"));
}

TEST_F(ModelCommand, ImportOfAClipFolderWantsHeads) {
  EXPECT_THAT(refusal({"import", clip_, "--to", to()}, 2), HasSubstr("--untrained-heads"));
  EXPECT_THAT(refusal({"import", merged_, "--to", to(), "--untrained-heads"}, 2), HasSubstr("has heads"));
  EXPECT_EQ(model({"import", clip_, "--to", to(), "--heads", merged_ / "head_weights.pt"}).exit_code, 0);
  expect_alike(merged_, to(), 0);

  const Finished random = model({"import", clip_, "--to", to("random"), "--untrained-heads", "--seed", "7"});
  EXPECT_EQ(random.exit_code, 0) << random.err;
  EXPECT_THAT(random.out, HasSubstr("UNTRAINED"));
  EXPECT_FALSE(DetectorModel::load(to("random")).heads.trained);
  EXPECT_THAT(model({"info", to("random")}).out, HasSubstr("NO: every score is random"));
  EXPECT_THAT(model({"verify", to("random")}).out, HasSubstr("UNTRAINED"));
  ASSERT_EQ(model({"import", clip_, "--to", to("again"), "--untrained-heads", "--seed", "7"}).exit_code, 0);
  EXPECT_EQ(read_bytes(to("random") + "/head_weights.safetensors"),
            read_bytes(to("again") + "/head_weights.safetensors"));
}

TEST_F(ModelCommand, ImportRefusesWhatDoesNotFitAndLeavesNothingBehind) {
  fs::remove_all(merged_ / "clip_vision");
  copy_folder(data / "clip/tiny", merged_ / "clip_vision");
  EXPECT_THAT(refusal({"import", merged_, "--to", to()}), HasSubstr("another width"));
  fs::resize_file(clip_ / "model.safetensors", 200000);
  EXPECT_THAT(refusal({"import", clip_, "--to", to(), "--untrained-heads"}), HasSubstr("is it cut?"));
  write_bytes(training_ / "preprocessor_config.json", "{");
  EXPECT_THAT(refusal({"import", training_, "--to", to()}), HasSubstr("no valid JSON"));
  EXPECT_THAT(refusal({"import", training_, "--to", "/proc/model"}), HasSubstr("cannot be created"));
  EXPECT_THAT(names(scratch_.path()), UnorderedElementsAre("original", "training", "clip"));
}

TEST_F(ModelCommand, ADiskThatIsFullLeavesTheOldModelAndNothingElse) {
  ASSERT_EQ(model({"import", merged_, "--to", to()}).exit_code, 0);
  const std::string before = read_bytes(to() + "/clip_vision/config.json");
  // A limit on the size of any one file stands in for a full disk: the write fails with EFBIG instead of ENOSPC.
  const Finished f = run_process({"bash", "-c", "ulimit -f 100; trap '' XFSZ; exec \"$@\"", "bash", DFPIPE_BINARY,
                                  "model", "import", training_, "--to", to(), "--force"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, AllOf(HasSubstr("model.safetensors"), HasSubstr("cannot be written: File too large")));
  EXPECT_EQ(read_bytes(to() + "/clip_vision/config.json"), before);
  EXPECT_THAT(names(scratch_.path()), UnorderedElementsAre("original", "training", "clip", "out"));
}

TEST_F(ModelCommand, MergeWritesAPlainCheckpoint) {
  EXPECT_EQ(model({"merge", training_, "--to", to()}).exit_code, 0);
  expect_alike(data / "original", to(), 1e-6);
  EXPECT_EQ(model({"merge", training_ / "dora", "--base", training_ / "base", "--to", to("alone")}).exit_code, 0);
  EXPECT_THAT(names(to("alone")), UnorderedElementsAre("config.json", "model.safetensors", "preprocessor_config.json"));
  const auto alone = load_all(to("alone") + "/model.safetensors");
  for (const auto& [name, tensor] : load_all(data / "original/clip_vision/model.safetensors"))
    EXPECT_TRUE(close(alone.at(name), tensor, 1e-6)) << name;
  EXPECT_THAT(refusal({"merge", merged_, "--to", to("three")}), HasSubstr("has no adapters"));
}

TEST_F(ModelCommand, TheRoundTripThroughBothLayoutsChangesNoNumber) {
  ASSERT_EQ(model({"import", training_, "--to", to("ours")}).exit_code, 0);
  ASSERT_EQ(model({"export", to("ours"), "--to", to("theirs"), "--layout", "original"}).exit_code, 0);
  EXPECT_THAT(names(to("theirs")), UnorderedElementsAre("clip_vision", "head_weights.pt", "preprocessor_config.json"));
  const SafetensorsFile clip(to("theirs") + "/clip_vision/model.safetensors");
  EXPECT_EQ(clip.metadata().at("format"), "pt");
  EXPECT_TRUE(clip.has("vision_model.post_layernorm.weight"));
  ASSERT_EQ(model({"export", to("theirs"), "--to", to("back"), "--layout", "dfpipe"}).exit_code, 0);
  for (const char* const file :
       {"clip_vision/model.safetensors", "clip_vision/config.json", "head_weights.safetensors"})
    EXPECT_EQ(read_bytes(to("ours") + "/" + file), read_bytes(to("back") + "/" + file)) << file;
  for (const char* const python : {"python3", "/usr/bin/python3"}) {
    const Finished f = run_process({python, "tests/interop/load_heads.py", to("theirs") + "/head_weights.pt",
                                    to("ours") + "/head_weights.safetensors", "32"});
    if (f.exit_code == 0) return;
    EXPECT_EQ(f.exit_code, 77) << f.out << f.err;
  }
  GTEST_SKIP() << "python3 has no torch here, which would have loaded the heads as well";
}

TEST_F(ModelCommand, ExportSaysThatTheOriginalsFileCannotTellUntrainedHeads) {
  ASSERT_EQ(model({"import", clip_, "--to", to("random"), "--untrained-heads"}).exit_code, 0);
  EXPECT_THAT(model({"export", to("random"), "--to", to()}).out, HasSubstr("no place to say so"));
}

TEST_F(ModelCommand, VerifyJudgesAModelInFull) {
  const Finished good = model({"verify", merged_});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out,
              AllOf(HasSubstr("OK "), HasSubstr("  clip_vision/model.safetensors\n"), HasSubstr("\nsha256 ")));
  EXPECT_EQ(model({"verify", training_}).exit_code, 0);
  EXPECT_THAT(model({"verify", clip_}).out, HasSubstr("no heads"));

  const fs::path weights = merged_ / "clip_vision/model.safetensors";
  const std::string name = "vision_model.encoder.layers.1.mlp.fc1.bias";
  replace_tensor(weights, name, at::full({64}, 3e38));
  EXPECT_THAT(refusal({"verify", merged_}), HasSubstr("of a fixed picture holds numbers that are not finite"));
  replace_tensor(weights, name, at::full({64}, NAN));
  EXPECT_THAT(refusal({"verify", merged_}), HasSubstr(name));
  replace_tensor(weights, name, {});
  EXPECT_THAT(refusal({"verify", merged_}), HasSubstr("missing: '" + name));
  EXPECT_THAT(refusal({"verify", to("nowhere")}), HasSubstr("is no model folder"));
}

TEST_F(ModelCommand, VerifyComparesTwoModels) {
  ASSERT_EQ(model({"import", merged_, "--to", to()}).exit_code, 0);
  const Finished same = model({"verify", merged_, "--against", to()});
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_THAT(same.out, HasSubstr("0 of 59 tensors differ"));
  at::Tensor bias = load_all(to() + "/head_weights.safetensors").at("classifier.3.bias");
  bias[1] += 0.5;
  replace_tensor(to() + "/head_weights.safetensors", "classifier.3.bias", bias);
  const Finished other = model({"verify", merged_, "--against", to()});
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_THAT(other.out, AllOf(HasSubstr("1 of 59 tensors differ"), HasSubstr("classifier.3.bias: at most 0.5")));
  const Finished headless = model({"verify", merged_, "--against", clip_});
  EXPECT_EQ(headless.exit_code, 1);
  EXPECT_THAT(headless.out, HasSubstr("classifier.3.bias: only in the first"));
}

}  // namespace
}  // namespace dfpipe::detector
