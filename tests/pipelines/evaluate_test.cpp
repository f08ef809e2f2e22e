#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "predict_run.hpp"
#include "testing/assets.hpp"

/// pipelines/evaluate.yaml from outside.
namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::string> evaluate_command(const fs::path& output, const std::vector<std::string>& more) {
  std::vector<std::string> argv{DFPIPE_BINARY, "run", "pipelines/evaluate.yaml", "--set", "output=" + output.string()};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

Finished evaluate(const fs::path& output, const std::vector<std::string>& more) {
  return run_process(evaluate_command(output, more), {.cwd = DFPIPE_SOURCE_DIR, .limit = std::chrono::seconds(250)});
}

Json numbers(const fs::path& output) { return Json::parse(read_text(output / "metrics.json")); }

/// The samples over and over: DIR/data/Test/{Real,Fake}.
fs::path labelled(const ScratchFolder& folder, int each) {
  for (const std::string label : {"real", "fake"}) {
    std::vector<fs::path> from;
    for (const fs::path& image : sample_images())
      if (image.filename().string().starts_with(label)) from.push_back(image);
    fs::create_directories(folder / ("data/Test/" + label));
    for (int i = 0; i < each; ++i) {
      char name[64];
      std::snprintf(name, sizeof name, "data/Test/%s/%05d.jpg", label.c_str(), i);
      fs::copy_file(from[static_cast<std::size_t>(i) % from.size()], folder / name);
    }
  }
  return folder / "data";
}

TEST(Evaluate, TheShippedSamplesGiveAReportThatNamesTheModel) {
  const ScratchFolder folder;
  const Finished f = evaluate(folder / "out", {"--json"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json json = numbers(folder / "out");
  EXPECT_EQ(json["all"]["real"], 4);
  EXPECT_EQ(json["all"]["fake"], 4);
  EXPECT_EQ(json["model"]["model"], "demo");
  EXPECT_EQ(json["model"]["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(calls(f, "per-face/rollout"), 0u) << "nobody looks at heat maps here";
  EXPECT_EQ(calls(f, "per-face/measure"), 0u);
  const std::string page = read_text(folder / "out/report.html");
  EXPECT_THAT(page, HasSubstr(json["model"]["sha256"].get<std::string>()));
  EXPECT_THAT(page, HasSubstr("Of the model: a demonstration"));
}

TEST(Evaluate, DeterministicNumbersAreEqualToTheByteForAnyNumberOfThreads) {
  const ScratchFolder folder;
  const fs::path data = labelled(folder, 30);
  for (const std::string threads : {"1", "4"})
    ASSERT_EQ(evaluate(folder / threads, {"--set", "ds1=" + data.string(), "--deterministic", "--threads", threads})
                  .exit_code,
              0);
  for (const char* file : {"metrics.json", "report.html", "scores.csv"})
    EXPECT_EQ(read_text(folder / ("1/" + std::string(file))), read_text(folder / ("4/" + std::string(file)))) << file;
}

TEST(Evaluate, PicturesThatCannotBeScoredAreListedAndGiveThree) {
  const ScratchFolder folder;
  const fs::path data = labelled(folder, 4);
  folder.write("data/Test/fake/a.jpg", "no picture");
  fs::create_symlink("nowhere", folder / "data/Test/real/b.jpg");
  const Finished f = evaluate(folder / "out", {"--set", "ds1=" + data.string()});
  EXPECT_EQ(f.exit_code, 3);
  const Json json = numbers(folder / "out");
  EXPECT_EQ(json["all"]["pictures"], 10);
  EXPECT_EQ(json["all"]["scored"], 8);
  ASSERT_EQ(json["not_scored"].size(), 2u);
  EXPECT_EQ(json["not_scored"][0]["path"], "data/Test/fake/a.jpg");
  EXPECT_EQ(json["not_scored"][0]["code"], "not_an_image");
  EXPECT_EQ(json["not_scored"][1]["code"], "not_found");
}

TEST(Evaluate, APictureWithoutAFaceIsListedWhenFacesAreSearched) {
  const ScratchFolder folder;
  const Finished f = evaluate(folder / "out", {"--set", "precropped=false", "--set", "faces.detector=dlib"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json json = numbers(folder / "out");
  EXPECT_EQ(json["all"]["pictures"], 8);
  std::size_t without = 0;
  for (const Json& picture : json["not_scored"]) without += picture["code"] == "no_face";
  EXPECT_EQ(without, 8 - json["all"]["scored"].get<std::size_t>());
  EXPECT_GE(without, 1u) << "one of the samples has no face";
}

TEST(Evaluate, ResumeAfterKillNineGivesTheBytesOfAnUnbrokenRun) {
  const ScratchFolder folder;
  const fs::path data = labelled(folder, 150);
  const std::vector<std::string> options{"--set", "ds1=" + data.string(), "--deterministic", "--threads", "2"};
  ASSERT_EQ(evaluate(folder / "whole", options).exit_code, 0);
  {
    Process run(evaluate_command(folder / "broken", options), {.cwd = DFPIPE_SOURCE_DIR});
    while (run.running() && read_lines(folder / "broken/scores.jsonl").size() < 40)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    run.signal(SIGKILL);
    ASSERT_EQ(run.wait().exit_code, 128 + SIGKILL) << "it ended before it was killed";
  }
  EXPECT_FALSE(fs::exists(folder / "broken/metrics.json"));
  std::vector<std::string> again = options;
  again.push_back("--resume");
  const Finished f = evaluate(folder / "broken", again);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  for (const char* file : {"metrics.json", "scores.csv", "scores.jsonl"})
    EXPECT_EQ(read_text(folder / "whole" / file), read_text(folder / "broken" / file)) << file;

  folder.write("data/Test/fake/99999.jpg", "new");
  const Finished changed = evaluate(folder / "broken", again);
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_THAT(changed.err, HasSubstr("the data are not those of the earlier run: 1 samples are new "
                                     "('data/Test/fake/99999.jpg')"));
}

TEST(Evaluate, OneClassAloneIsEvaluatedAsFarAsItGoes) {
  const ScratchFolder folder;
  const fs::path data = labelled(folder, 2);
  fs::remove_all(data / "Test/fake");
  const Finished f = evaluate(folder / "out", {"--set", "ds1=" + data.string()});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_TRUE(numbers(folder / "out")["all"]["metrics"]["roc_auc"]["value"].is_null());
  EXPECT_THAT(f.err, HasSubstr("ROC-AUC none (there are no fakes)"));
}

TEST(Evaluate, TheMirroredVoteMovesScoresAndNothingElse) {
  const ScratchFolder folder;
  ASSERT_EQ(evaluate(folder / "one", {}).exit_code, 0);
  ASSERT_EQ(evaluate(folder / "two", {"--set", "tta=true"}).exit_code, 0);
  EXPECT_NE(read_text(folder / "one/scores.csv"), read_text(folder / "two/scores.csv"));
  EXPECT_EQ(numbers(folder / "one")["data"], numbers(folder / "two")["data"]);
}

/// The original's evaluation, with its detector, of these pictures; each with its own spectrum (B1 of the original: it
/// gives each picture another one's, so that a score depends on the batch, and pooled scores differ from those alone).
TEST(Evaluate, TheOriginalsDetectorOnItsPicturesGivesItsNumbers) {
  const fs::path data = fs::path(DFPIPE_SOURCE_DIR) / "tests/data";
  const Json wanted = Json::parse(read_text(data / "evaluation/expected.json"));
  const ScratchFolder folder;
  const Finished f =
      evaluate(folder / "out", {"--set", "ds1=" + (data / "evaluation/ds1").string(), "--set",
                                "ds2=" + (data / "evaluation/ds2").string(), "--set", "split=validation", "--set",
                                "tta=true", "--set", "model=" + (data / "detector/original").string()});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const auto lines = read_lines(folder / "out/scores.jsonl");
  ASSERT_EQ(lines.size(), wanted["files"].size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json line = Json::parse(lines[i]);
    EXPECT_EQ(fs::path(line["path"].get<std::string>()).filename(),
              fs::path(wanted["files"][i].get<std::string>()).filename());
    EXPECT_EQ(line["label"], wanted["labels"][i]);
    EXPECT_NEAR(line["score"], wanted["combined_probabilities"][i].get<double>(), 5e-5);
  }
  const Json json = numbers(folder / "out");
  const auto expect_part = [](const Json& part, const Json& expected) {
    EXPECT_NEAR(part["metrics"]["roc_auc"]["value"], expected["auc"].get<double>(), 1e-12);
    EXPECT_NEAR(part["metrics"]["eer_thinned"]["value"], expected["eer"].get<double>(), 1e-12);
    EXPECT_NEAR(part["metrics"]["accuracy"]["value"], expected["accuracy"].get<double>(), 1e-12);
    EXPECT_EQ(part["confusion"]["true_negative"], expected["confusion_matrix"][0][0]);
    EXPECT_EQ(part["confusion"]["true_positive"], expected["confusion_matrix"][1][1]);
  };
  expect_part(json["all"], wanted["combined"]);
  for (const std::size_t i : {0, 1})
    expect_part(json["datasets"][i == 0 ? "ds1" : "ds2"], wanted["per_dataset"][wanted["order"][i].get<std::string>()]);
  EXPECT_NEAR(json["auc_gap"], wanted["gap"].get<double>(), 1e-12);
}

TEST(Evaluate, ThePublishedSetIsScoredWhole) {
  if (const std::string why = dfpipe::testing::why_no_asset("realfake/manifest.csv"); !why.empty()) GTEST_SKIP() << why;
  const fs::path manifest = dfpipe::testing::assets() / "realfake/manifest.csv";
  const ScratchFolder folder;
  const Finished f =
      evaluate(folder / "out", {"--set", "ds1=" + manifest.string(), "--set", "group_column=person_group"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json json = numbers(folder / "out");
  EXPECT_EQ(json["all"]["scored"], 32);
  EXPECT_EQ(json["datasets"].size(), 2u);
  EXPECT_LT(json["all"]["groups"], 32) << "pictures of one person are one group";
  EXPECT_FALSE(json["by_group"].is_null());
}

}  // namespace
}  // namespace dfpipe::testing
