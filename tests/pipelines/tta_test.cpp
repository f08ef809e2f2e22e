#include <gmock/gmock.h>

#include "predict_run.hpp"
#include "test_tensors.hpp"

namespace dfpipe::testing {
namespace {

using detector::testing::data;
using detector::testing::load_all;

/// The original detector's pictures through its model, each picture one face; file name to line.
std::map<std::string, Json> originals(const std::filesystem::path& out, const std::vector<std::string>& more,
                                      Finished& finished) {
  std::vector<std::string> options{"--set", "model=" + (data / "original").string(), "--set", "faces.precropped=true",
                                   "--json"};
  options.insert(options.end(), more.begin(), more.end());
  finished = predict(data / "original_images", out, options);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  std::map<std::string, Json> lines;
  for (const Json& line : predictions(out))
    lines.emplace(std::filesystem::path(line.at("file").get<std::string>()).stem(), line);
  EXPECT_EQ(lines.size(), 6u);
  return lines;
}

TEST(TestTimeAugmentation, AveragesThePictureAndItsMirrorImageAsTheOriginalDoes) {
  const auto expected = load_all(data / "original_expected.safetensors");
  const ScratchFolder out;
  Finished f;
  const auto plain = originals(out / "plain", {}, f);
  const auto tta = originals(out / "tta", {"--set", "tta=true"}, f);
  EXPECT_EQ(calls(f, "per-face/mirror"), 6u);
  for (const auto& [name, line] : tta) {
    const Json& face = line.at("faces")[0];
    EXPECT_TRUE(face.at("problems").empty()) << face;
    EXPECT_NEAR(face.at("probability").get<double>(), expected.at(name + ".tta.probabilities")[1].item<double>(), 2e-5);
    const Json& alone = plain.at(name).at("faces")[0];
    EXPECT_NEAR(alone.at("probability").get<double>(), expected.at(name + ".probabilities")[1].item<double>(), 2e-5);
    const std::string map = face.at("heatmap");
    EXPECT_EQ(read_text(out / "tta" / map), read_text(out / "plain" / map)) << "it is of the picture itself";
  }
}

TEST(TestTimeAugmentation, CostsNothingWhenItIsOff) {
  const ScratchFolder out;
  Finished f;
  originals(out.path(), {}, f);
  for (const char* const node : {"mirror", "mirrored/clip", "mirrored/fft", "mirrored/spectrum", "mirrored/fuse"})
    EXPECT_EQ(calls(f, std::string("per-face/") + node), 0u) << node;
  EXPECT_GT(calls(f, "per-face/judge/clip"), 0u);
  EXPECT_THAT(f.out, ::testing::Not(::testing::HasSubstr("mirror"))) << "nor is it in the summary";
}

TEST(TestTimeAugmentation, WantsTrueOrFalse) {
  const ScratchFolder out;
  const Finished f = predict(samples(), out.path(), {"--set", "tta=twice"});
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, ::testing::HasSubstr("parameter 'tta' wants boolean, not 'twice'"));
}

}  // namespace
}  // namespace dfpipe::testing
