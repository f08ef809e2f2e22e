#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "dfpipe/types/basic.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/image.hpp"
#include "dfpipe/types/tensor.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe {
namespace {

using detector::testing::close;
using detector::testing::data;
using detector::testing::load_all;
using detector::testing::read_bytes;
using testing::NodeRunner;
using testing::Outputs;

/// A model folder as one of the programs leaves it, with the base and the profile where they are looked for.
std::filesystem::path model_folder(const std::string& layout, const std::filesystem::path& scratch) {
  if (layout == "safetensors") return data / "original";
  const std::filesystem::path folder = scratch / "model";
  if (layout == "original") {
    detector::testing::copy_folder(data / "original", folder);
    std::filesystem::remove(folder / "head_weights.safetensors");
    std::filesystem::copy(data / "original_head_weights.pt", folder / "head_weights.pt");
    return folder;
  }
  detector::testing::copy_folder(data / "original_training", folder);
  std::string config = read_bytes(folder / "dora/adapter_config.json");
  const std::string base = R"("base_model_name_or_path": ")";
  config.replace(config.find(base), base.size() + 4, base + (folder / "base").string());
  detector::testing::write_bytes(folder / "dora/adapter_config.json", config);
  return folder;
}

/// A whole picture as one face, as the original was evaluated.
Face whole_picture(const std::string& name) {
  const std::string file = read_bytes(data / "original_images" / (name + ".png"));
  NodeRunner decode("decode");
  Face face;
  face.crop = decode.in("bytes", Bytes{{file.begin(), file.end()}}).run().get<Image>("image");
  face.crop_box = {0, 0, face.crop.pixels.cols, face.crop.pixels.rows};
  face.box = face.crop_box;
  face.detector = "whole-image";
  return face;
}

at::Tensor pixels_of(const std::string& name) {
  NodeRunner preprocess("clip-preprocess");
  preprocess.set("profile", (data / "original/preprocessor_config.json").string()).in("face", whole_picture(name));
  return preprocess.run().get<at::Tensor>("pixels");
}

/// Every output of the nodes between the pixels and the score, with what they are called here.
std::map<std::string, at::Tensor> judge(const at::Tensor& pixels,
                                        const std::filesystem::path& model = data / "original") {
  NodeRunner fft("fft");
  NodeRunner clip("clip-dora");
  NodeRunner cnn("spectrum-cnn");
  NodeRunner fuse("fusion-head");
  NodeRunner rollout("rollout");
  for (NodeRunner* const node : {&clip, &cnn, &fuse}) node->use("detector", "detector", {{"model", model}});

  const Outputs clip_out = clip.in("pixels", pixels).run();
  const at::Tensor spectrum = fft.in("pixels", pixels).run().get<at::Tensor>("spectrum");
  const at::Tensor spectrum_embedding = cnn.in("spectrum", spectrum).run().get<at::Tensor>("embedding");
  const at::Tensor clip_embedding = clip_out.get<at::Tensor>("embedding");
  const Outputs out = fuse.in("clip", clip_embedding).in("spectrum", spectrum_embedding).run();
  rollout.set("order", std::string("reversed")).in("attentions", clip_out.get<Attentions>("attentions"));
  return {{"fft_mag", spectrum},
          {"clip embedding", clip_embedding},
          {"spectrum embedding", spectrum_embedding},
          {"fused", out.get<at::Tensor>("fused")},
          {"logits", out.get<at::Tensor>("logits")},
          {"probabilities", out.get<at::Tensor>("probabilities")},
          {"rollout_cam", rollout.run().get<at::Tensor>("heatmap")}};
}

/// Picture, layout of the model folder.
class OriginalDetector : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(OriginalDetector, GivesItsNumbersFromItsPicturesThroughThePublicNodes) {
  const std::string name = std::get<0>(GetParam());
  const testing::ScratchFolder scratch;
  const std::filesystem::path model = model_folder(std::get<1>(GetParam()), scratch.path());
  const auto expected = load_all(data / "original_expected.safetensors");
  const auto of = [&](const std::string& what) { return expected.at(name + "." + what).unsqueeze(0); };
  const auto out = judge(pixels_of(name), model);
  EXPECT_TRUE(close(out.at("fused"), of("fused"), 1e-4));
  EXPECT_TRUE(close(out.at("logits"), of("logits"), 2e-4));
  EXPECT_TRUE(close(out.at("probabilities"), of("probabilities"), 2e-5));
  EXPECT_TRUE(close(out.at("rollout_cam"), of("rollout_cam"), 1e-4));
}

class OriginalDetectorTta : public ::testing::TestWithParam<const char*> {};

TEST_P(OriginalDetectorTta, VotesOnTheMirrorImageAsWell) {
  const std::string name = GetParam();
  const auto expected = load_all(data / "original_expected.safetensors");
  const at::Tensor pixels = pixels_of(name);
  NodeRunner mirror("mirror"), vote("soft-vote");
  const auto mirrored = judge(mirror.in("pixels", pixels).run().get<at::Tensor>("pixels"));
  EXPECT_TRUE(close(mirrored.at("logits")[0], expected.at(name + ".flip.logits"), 2e-4));
  vote.in("probabilities", judge(pixels).at("probabilities")).in("second", mirrored.at("probabilities"));
  EXPECT_TRUE(close(vote.run().get<at::Tensor>("probabilities")[0], expected.at(name + ".tta.probabilities"), 2e-5));
}

TEST(OriginalDetectorBatch, NoOutputOfAPictureDependsOnItsBatchNeighbours) {
  const auto expected = load_all(data / "original_expected.safetensors");
  std::vector<at::Tensor> pixels;
  for (const char* const name : {"landscape", "portrait", "greyscale", "tiny", "exact"})
    pixels.push_back(pixels_of(name));
  const auto together = judge(at::cat(pixels));
  EXPECT_TRUE(close(together.at("logits"), expected.at("batch.per_image.logits"), 2e-4));

  std::ranges::reverse(pixels);
  pixels.push_back(at::full_like(pixels.front(), 1e3));
  const auto reversed = judge(at::cat(pixels));
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto alone = judge(pixels[static_cast<std::size_t>(4 - i)]);
    for (const auto& [name, tensor] : alone) {
      const double largest = std::max(1.0, tensor.abs().max().item<double>());
      EXPECT_TRUE(close(together.at(name).narrow(0, i, 1), tensor, 1e-5 * largest)) << name << " of picture " << i;
      EXPECT_TRUE(close(reversed.at(name).narrow(0, 4 - i, 1), tensor, 1e-5 * largest)) << name << " of picture " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pictures, OriginalDetector,
    ::testing::Combine(::testing::Values("landscape", "portrait", "greyscale", "greyscale_L", "tiny", "exact"),
                       ::testing::Values("safetensors", "original", "training")),
    [](const auto& test) { return std::string(std::get<0>(test.param)) + "_" + std::get<1>(test.param); });

INSTANTIATE_TEST_SUITE_P(Pictures, OriginalDetectorTta,
                         ::testing::Values("landscape", "portrait", "greyscale", "greyscale_L", "tiny", "exact"));

}  // namespace
}  // namespace dfpipe
