#include "detector_model.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "error.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ModelFolder : public ::testing::Test {
 protected:
  ModelFolder() { copy_folder(data / "original", folder); }
  std::filesystem::path heads() const { return folder / "head_weights.safetensors"; }
  std::string refusal() const {
    return message_of([&] { DetectorModel::load(folder); });
  }

  ScratchFolder scratch;
  std::filesystem::path folder = scratch.path() / "m";
};

TEST_F(ModelFolder, LoadsAndTellsWhatItIs) {
  const DetectorModel model = DetectorModel::load(folder / "");
  EXPECT_EQ(model.name, "m");
  EXPECT_EQ(model.architecture(), "ViT 2x32, patch 32, image 224");
  std::vector<std::string> roles;
  for (const ModelFile& file : model.files) roles.push_back(file.role);
  EXPECT_THAT(roles, ::testing::ElementsAre("clip_vision/config.json", "clip_vision/model.safetensors",
                                            "head_weights.safetensors", "preprocessor_config.json"));
  EXPECT_TRUE(model.heads.trained);
  EXPECT_EQ(model.heads.id2label.at(1), "Deepfake");
  EXPECT_EQ(model.heads.clip_width(), 32);
}

TEST_F(ModelFolder, LabelsAndTheTrainedMarkSurviveSaving) {
  Heads before = Heads::load(heads(), 32);
  before.trained = false;
  before.id2label = {{0, "genuine"}, {1, "fake"}};
  before.save(heads());
  const Heads after = Heads::load(heads(), 32);
  EXPECT_FALSE(after.trained);
  EXPECT_EQ(after.id2label, before.id2label);
  for (const auto& [name, tensor] : before.parameters()) EXPECT_TRUE(at::equal(after.parameters().at(name), tensor));
}

TEST_F(ModelFolder, RefusesHeadsForAnotherWidth) {
  std::filesystem::remove_all(folder / "clip_vision");
  copy_folder(data / "clip/tiny", folder / "clip_vision");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("classifier.0.weight"), HasSubstr("takes 160"), HasSubstr("gives 64")));
}

TEST_F(ModelFolder, NamesWhatIsWrongWithTheHeads) {
  replace_tensor(heads(), "classifier.3.bias", {});
  replace_tensor(heads(), "classifier.9.bias", at::ones({2}));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("missing: 'classifier.3.bias'"), HasSubstr("unknown: 'classifier.9.bias'")));
  replace_tensor(heads(), "classifier.9.bias", {});
  replace_tensor(heads(), "classifier.3.bias", at::ones({3}));
  EXPECT_THAT(refusal(), HasSubstr("'classifier.3.bias' is 3 instead of 2"));
  replace_tensor(heads(), "classifier.3.bias", at::full({2}, std::nan("")));
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("head_weights.safetensors"), HasSubstr("'classifier.3.bias'"), HasSubstr("not finite")));
  replace_tensor(heads(), "classifier.3.bias", at::ones({2}, at::kLong));
  EXPECT_THAT(refusal(), HasSubstr("wrong dtype"));
}

TEST_F(ModelFolder, RefusesMetadataThatSayNothing) {
  const auto all = load_all(heads());
  write_safetensors(heads(), all, {{"trained", "perhaps"}});
  EXPECT_THAT(refusal(), HasSubstr("'trained' must be true or false"));
  for (const char* const labels : {"[]", R"({"0":"a"})", R"({"0":"a","1":2})", R"({"0":"a","2":"b"})"}) {
    write_safetensors(heads(), all, {{"id2label", labels}});
    EXPECT_THAT(refusal(), HasSubstr("id2label")) << labels;
  }
}

TEST_F(ModelFolder, SaysWhatIsMissing) {
  EXPECT_THAT(message_of([&] { DetectorModel::load(folder / "nowhere"); }), HasSubstr("is no model folder"));
  std::filesystem::rename(heads(), folder / "head_weights.pt");
  EXPECT_THAT(refusal(), HasSubstr("head_weights.pt: is no file of torch.save"));
  std::filesystem::remove(folder / "head_weights.pt");
  EXPECT_THAT(refusal(), HasSubstr("has neither head_weights.safetensors nor head_weights.pt"));
  std::filesystem::copy(data / "original/head_weights.safetensors", heads());
  std::filesystem::remove_all(folder / "clip_vision");
  EXPECT_THAT(refusal(), HasSubstr("has no folder clip_vision/"));
}

TEST_F(ModelFolder, MergesAdaptersIntoTheBaseTheyName) {
  std::filesystem::remove_all(folder / "clip_vision");
  copy_folder(data / "dora", folder / "dora");
  EXPECT_THAT(refusal(), HasSubstr("'case01_clip_vision/tiny' is no folder with a CLIP model on this machine"));
  std::string config = read_bytes(folder / "dora/adapter_config.json");
  const std::string base = "case01_clip_vision/tiny";
  config.replace(config.find(base), base.size(), (data / "clip/tiny").string());
  write_bytes(folder / "dora/adapter_config.json", config);
  Heads(64).save(heads());
  auto all = load_all(heads());
  for (auto& [name, tensor] : all) tensor.zero_();
  write_safetensors(heads(), all);
  const at::NoGradGuard constant;
  const auto expected = load_all(data / "dora/expected.safetensors");
  const DetectorModel model = DetectorModel::load(folder);
  EXPECT_TRUE(
      close(model.clip.forward(expected.at("pixel_values")).pooled, expected.at("merged.pooler_output"), 2e-5, 1e-4));
}

TEST_F(ModelFolder, OfTheOriginalIsReadAsItIs) {
  std::filesystem::copy(data / "original_head_weights.pt", folder / "head_weights.pt");
  EXPECT_EQ(DetectorModel::load(folder).files.at(2).role, "head_weights.safetensors");
  const Heads same = Heads::load(heads(), 32);
  std::filesystem::remove(heads());
  const DetectorModel model = DetectorModel::load(folder);
  EXPECT_EQ(model.files.at(2).role, "head_weights.pt");
  EXPECT_TRUE(at::equal(model.heads.fusion.out.weight, same.fusion.out.weight));
}

}  // namespace
}  // namespace dfpipe::detector
