#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "predict_run.hpp"

/// pipelines/robustness.yaml from outside.
namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Finished sweep(const fs::path& output, const std::vector<std::string>& more) {
  std::vector<std::string> argv{DFPIPE_BINARY,     "run",   "pipelines/robustness.yaml",
                                "--deterministic", "--set", "output=" + output.string()};
  argv.insert(argv.end(), more.begin(), more.end());
  return run_process(argv, {.cwd = DFPIPE_SOURCE_DIR, .limit = std::chrono::seconds(250)});
}

const std::vector<std::string> quick{"--set",      "jpeg=[40]", "--set",          "blur=[2]", "--set",
                                     "sizes=[64]", "--set",     "filters=[area]", "--set",    "noise=[0.1]"};

Json numbers(const fs::path& output) { return Json::parse(read_text(output / "robustness.json")); }

TEST(Robustness, TheSamplesAreSweptWholeInOneRunThatDecodesEachPictureOnce) {
  const ScratchFolder folder;
  const Finished f = sweep(folder / "out", {"--json"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json json = numbers(folder / "out");
  EXPECT_EQ(json["degradations"].size(), 1u + 6 + 6 + 18 + 5);
  for (const Json& one : json["degradations"]) EXPECT_EQ(one["scored"], 8) << one["name"];
  EXPECT_EQ(calls(f, "decode"), 8u);
  EXPECT_EQ(calls(f, "faces"), 8u);
  EXPECT_EQ(calls(f, "per-face/per-setting/worse"), 8u * 36);
  EXPECT_THAT(read_text(folder / "out/robustness.html"), HasSubstr("Resizing there and back"));
  EXPECT_EQ(read_lines(folder / "out/robustness.csv").size(), 37u);
}

TEST(Robustness, WithoutADegradationTheScoresAreThoseOfAnEvaluation) {
  const ScratchFolder folder;
  ASSERT_EQ(sweep(folder / "out", quick).exit_code, 0);
  ASSERT_EQ(run_process(
                {DFPIPE_BINARY, "run", "pipelines/evaluate.yaml", "--set", "output=" + (folder / "evaluated").string()},
                {.cwd = DFPIPE_SOURCE_DIR})
                .exit_code,
            0);
  const auto swept = read_lines(folder / "out/scores.jsonl"), evaluated = read_lines(folder / "evaluated/scores.jsonl");
  ASSERT_EQ(swept.size(), evaluated.size());
  for (std::size_t i = 0; i < swept.size(); ++i) {
    const Json scores = Json::parse(swept[i])["scores"];
    EXPECT_NEAR(scores["none"], Json::parse(evaluated[i])["score"].get<double>(), 1e-5);
    EXPECT_EQ(scores.size(), 5u);
    EXPECT_NE(scores["none"], scores["noise 0.1"]);
  }
}

TEST(Robustness, TheSameSeedGivesTheSameBytesForAnyNumberOfThreads) {
  const ScratchFolder folder;
  for (const std::string threads : {"1", "4"}) {
    std::vector<std::string> options = quick;
    options.insert(options.end(), {"--threads", threads});
    ASSERT_EQ(sweep(folder / threads, options).exit_code, 0);
  }
  for (const char* file : {"robustness.json", "robustness.html", "robustness.csv", "scores.jsonl"})
    EXPECT_EQ(read_text(folder / ("1/" + std::string(file))), read_text(folder / ("4/" + std::string(file)))) << file;
}

TEST(Robustness, APictureThatCannotBeReadIsLeftOutAndGivesThree) {
  const ScratchFolder folder;
  for (const char* kind : {"real", "fake"}) {
    fs::create_directories(folder / (std::string("data/Test/") + kind));
    for (const fs::path& image : sample_images())
      if (image.filename().string().starts_with(kind))
        fs::copy_file(image, folder / (std::string("data/Test/") + kind) / image.filename());
  }
  folder.write("data/Test/fake/broken.jpg", "no picture");
  std::vector<std::string> options = quick;
  options.insert(options.end(), {"--set", "ds1=" + (folder / "data").string()});
  const Finished f = sweep(folder / "out", options);
  EXPECT_EQ(f.exit_code, 3) << f.err;
  EXPECT_EQ(numbers(folder / "out")["not_swept"], 1);
  EXPECT_EQ(numbers(folder / "out")["degradations"][0]["scored"], 8);
}

TEST(Robustness, ADegradationThatThereIsNotIsRefusedBeforeTheRun) {
  const ScratchFolder folder;
  const Finished f = sweep(folder / "out", {"--set", "filters=[box]"});
  EXPECT_NE(f.exit_code, 0);
  EXPECT_THAT(f.err, HasSubstr("'box' is none (nearest, linear, cubic, area, lanczos, pillow-bicubic)"));
}

}  // namespace
}  // namespace dfpipe::testing
