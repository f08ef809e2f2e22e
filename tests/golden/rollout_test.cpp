#include <gtest/gtest.h>

#include <string>

#include "detector_model.hpp"
#include "dfpipe/types/tensor.hpp"
#include "test_tensors.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe {
namespace {

using namespace detector::testing;
using testing::NodeRunner;

TEST(RolloutOfClip, IsTheReferencesForEachHeadFusionThroughThePublicNodes) {
  const ScratchFolder model;
  copy_folder(data / "clip/tiny", model.path() / "clip_vision");
  detector::Heads heads(64);
  for (const auto& [name, tensor] : heads.parameters()) tensor.zero_();
  heads.save(model.path() / "head_weights.safetensors");

  const auto expected = load_all(data / "rollout/tiny.safetensors");
  const at::Tensor pixels = load_all(data / "clip/tiny/expected.safetensors").at("pixel_values");
  for (const std::string fusion : {"mean", "max", "min"}) {
    NodeRunner clip("clip-dora");
    clip.set("head_fusion", fusion).use("detector", "detector", {{"model", model.path()}}).in("pixels", pixels);
    NodeRunner rollout("rollout");
    rollout.in("attentions", clip.run().get<Attentions>("attentions"));
    EXPECT_TRUE(close(rollout.run().get<at::Tensor>("heatmap"), expected.at(fusion + ".heatmap_minmax"), 1e-4))
        << fusion;
  }
}

}  // namespace
}  // namespace dfpipe
