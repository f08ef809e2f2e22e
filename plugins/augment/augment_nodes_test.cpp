#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>

#include "augmentations.hpp"
#include "dfpipe/types/image.hpp"
#include "operations/operations.hpp"
#include "testing/node_runner.hpp"

namespace dfpipe::augment {
namespace {

using dfpipe::testing::NodeRunner;
using dfpipe::testing::Outputs;

const char* const types[] = {
    "flip",          "rotate",    "random-resized-crop", "color-jitter", "social-media-degradation",
    "gaussian-blur", "downscale", "image-compression",   "high-pass",    "gaussian-noise",
    "iso-noise",     "cut-out",   "resize-chain"};

Image picture() {
  cv::Mat pixels(64, 80, CV_8UC3);
  cv::RNG random(3);
  random.fill(pixels, cv::RNG::UNIFORM, 0, 255);
  return {pixels};
}

Attributes training(std::uint32_t epoch = 0) { return {.phase = Phase::train, .epoch = epoch}; }

bool same(const Outputs& a, const Outputs& b) {
  const cv::Mat &x = a.get<Image>("image").pixels, &y = b.get<Image>("image").pixels;
  return x.size() == y.size() && cv::norm(x, y, cv::NORM_INF) == 0;
}

TEST(AugmentNodes, LeaveItemsOfTheEvaluationPhaseAlone) {
  for (const char* const type : types) {
    NodeRunner node(type);
    const Outputs out = node.set("p", 1.0).in("image", picture()).run();
    EXPECT_EQ(cv::norm(out.get<Image>("image").pixels, picture().pixels, cv::NORM_INF), 0) << type;
    EXPECT_TRUE(out.get<Augmentations>("history").steps.empty()) << type;
    EXPECT_EQ(node.set("when", std::string("always")).run().get<Augmentations>("history").steps.size(), 1u) << type;
  }
}

TEST(AugmentNodes, AreDoneAsOftenAsTheySay) {
  for (const double p : {0.0, 0.3, 1.0}) {
    NodeRunner node("flip");
    node.set("p", p).in("image", picture()).attributes(training());
    int done = 0;
    constexpr int items = 2000;
    for (int i = 0; i < items; ++i)
      done += node.index(static_cast<std::uint64_t>(i)).run().get<Augmentations>("history").steps.empty() ? 0 : 1;
    EXPECT_NEAR(done / static_cast<double>(items), p, 5 * std::sqrt(p * (1 - p) / items) + 1e-9);
  }
}

TEST(AugmentNodes, DependOnSeedEpochAndItemOnly) {
  NodeRunner node("gaussian-noise");
  node.set("p", 1.0).in("image", picture()).attributes(training(2)).seed(5).index(7);
  const Outputs first = node.run();
  EXPECT_TRUE(same(first, node.index(8).index(7).run()));
  EXPECT_FALSE(same(first, node.index(8).run()));
  EXPECT_FALSE(same(first, node.index(7).seed(6).run()));
  EXPECT_FALSE(same(first, node.seed(5).attributes(training(3)).run()));
}

TEST(AugmentNodes, WriteDownWhatWasDrawnSoThatItCanBeDoneAgain) {
  for (const char* const type : types) {
    NodeRunner node(type);
    const Outputs out = node.set("p", 1.0).in("image", picture()).attributes(training()).run();
    const Json step = Json::parse(out.get<Augmentations>("history").steps.at(0));
    const cv::Mat again = apply(step.at("transform").get<std::string>(), picture().pixels, step.at("drawn"), Rules::v1);
    EXPECT_EQ(cv::norm(again, out.get<Image>("image").pixels, cv::NORM_INF), 0) << type;
  }
}

TEST(AugmentNodes, AddToTheHistory) {
  NodeRunner node("flip");
  const Augmentations before{{R"({"transform":"Rotate"})"}};
  const Outputs out = node.set("p", 1.0).in("image", picture()).in("history", before).attributes(training()).run();
  EXPECT_EQ(out.get<Augmentations>("history").steps.size(), 2u);
}

TEST(AugmentNodes, RefuseRangesThatAreUpsideDown) {
  EXPECT_THROW(NodeRunner("downscale").set("scale_min", 0.9).set("scale_max", 0.5).open(), std::runtime_error);
  EXPECT_THROW(NodeRunner("image-compression").set("quality_min", std::int64_t{99}).open(), std::runtime_error);
  EXPECT_THROW(NodeRunner("gaussian-blur").set("kernel_max", std::int64_t{8}).open(), std::runtime_error);
}

class LogFile {
 public:
  explicit LogFile(const std::string& text = {})
      : path_(std::filesystem::temp_directory_path() / ("augment-" + std::to_string(getpid()))) {
    std::ofstream(path_) << text;
  }
  ~LogFile() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(AugmentReplay, GivesTheLoggedPixelsWhateverTheSeed) {
  const LogFile file;
  Outputs logged;
  {
    NodeRunner noise("gaussian-noise"), blur("gaussian-blur"), log("augment-log");
    noise.set("p", 1.0).attributes(training(4)).index(12);
    blur.set("p", 1.0).attributes(training(4)).index(12);
    const Outputs first = noise.in("image", picture()).run();
    logged = blur.in("image", first.get<Image>("image")).in("history", first.get<Augmentations>("history")).run();
    log.set("file", file.path())
        .attributes(training(4))
        .index(12)
        .in("history", logged.get<Augmentations>("history"))
        .run();
    log.close();
  }
  NodeRunner replay("augment-replay");
  replay.set("file", file.path()).in("image", picture()).attributes(training(4)).seed(99).index(12);
  EXPECT_TRUE(same(replay.run(), logged));
  EXPECT_THROW(replay.index(13).run(), Error) << "an item that is not in the log";
}

TEST(AugmentReplay, RefusesWhatIsNoLog) {
  for (const char* const text :
       {"x\n", "{}\n", R"({"item":"0","epoch":0,"steps":3})", "[1]\n", "\n",
        "{\"item\":\"0\",\"epoch\":0,\"steps\":[]}\n{\"item\":\"0\",\"epoch\":0,\"steps\":[]}\n"}) {
    const LogFile file(text);
    EXPECT_THROW(NodeRunner("augment-replay").set("file", file.path()).open(), std::runtime_error) << text;
  }
  EXPECT_THROW(NodeRunner("augment-replay").set("file", std::filesystem::path("/nowhere/log")).open(),
               std::runtime_error);
  const LogFile strange(R"({"item":"0","epoch":0,"steps":[{"transform":"Shear","rules":"1.x","drawn":{}}]})");
  NodeRunner replay("augment-replay");
  EXPECT_THROW(replay.set("file", strange.path()).in("image", picture()).run(), Error) << "the item's error";
}

}  // namespace
}  // namespace dfpipe::augment
