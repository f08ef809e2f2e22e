#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "predict_run.hpp"

namespace dfpipe::testing {
namespace {

using ::testing::HasSubstr;

TEST(Predict, SaysOfRandomWeightsThatTheyAreUntrained) {
  const ScratchFolder folder;
  const Finished made = run_process({DFPIPE_BINARY, "model", "import", "models/demo/clip_vision", "--untrained-heads",
                                     "--to", (folder / "random").string()});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const Finished f =
      predict(sample_images().front(), folder / "out", {"--set", "model=" + (folder / "random").string()});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.err, HasSubstr("UNTRAINED"));
  EXPECT_EQ(predictions(folder / "out").at(0).at("trained"), false);
}

TEST(Predict, ScoresTheSampleFolderOutOfTheBox) {
  const ScratchFolder out;
  const Finished f = predict(samples(), out.path());
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.err, HasSubstr("warning: detector: a demonstration")) << "nobody may take its scores for more";
  EXPECT_THAT(f.err, HasSubstr(out.path().string())) << "the place of the results is printed";
  const auto lines = predictions(out.path());
  ASSERT_EQ(lines.size(), sample_images().size());
  std::size_t faces = 0;
  for (const Json& line : lines) {
    EXPECT_FALSE(line.contains("error")) << line;
    EXPECT_EQ(line.at("trained"), true);
    EXPECT_EQ(line.at("sha256").get<std::string>().size(), 64u);
    for (const Json& face : line.at("faces")) {
      ++faces;
      const double p = face.at("probability");
      EXPECT_GE(p, 0);
      EXPECT_LE(p, 1);
      EXPECT_TRUE(face.at("problems").empty()) << face;
      EXPECT_TRUE(std::filesystem::exists(out / face.at("heatmap").get<std::string>()));
      EXPECT_TRUE(face.at("heuristics").contains("texture"));
    }
  }
  EXPECT_GE(faces, 5u);
  EXPECT_EQ(read_lines(out / "predictions.csv").size(),
            1 + faces + static_cast<std::size_t>(std::ranges::count_if(lines, [](const Json& l) {
              return l["faces"].empty();
            })));
}

TEST(Predict, AnOutputBelowTheInputIsNotScoredByTheNextRun) {
  const ScratchFolder in;
  many_images(in.path(), 8);
  for (int run = 0; run < 3; ++run) {
    const Finished f = predict(in.path(), in / "out");
    EXPECT_EQ(f.exit_code, 0) << f.err;
    EXPECT_EQ(predictions(in / "out").size(), 8u) << "run " << run;
    EXPECT_EQ(f.err.find("heat maps of an earlier run in 'out'") != std::string::npos, run > 0) << f.err;
  }
  std::ofstream(in / "notes.txt") << "what is passed over has changed, what is scored has not";
  EXPECT_EQ(predict(in.path(), in / "out", {"--resume"}).exit_code, 0);
  EXPECT_EQ(predictions(in / "out").size(), 8u);
}

TEST(Predict, LinesStandInSourceOrder) {
  const ScratchFolder in, out;
  many_images(in / "images", 40);
  EXPECT_EQ(predict(in / "images", out.path()).exit_code, 0);
  std::vector<std::string> files;
  for (const Json& line : predictions(out.path())) files.push_back(line.at("file"));
  EXPECT_TRUE(std::ranges::is_sorted(files));
  EXPECT_EQ(files.size(), 40u);
}

TEST(Predict, AFolderWithThirtyPercentBrokenFilesFinishesWithOneErrorLineForEach) {
  const ScratchFolder in, out;
  many_images(in.path(), 40);
  std::set<std::string> broken;
  int i = 0;
  for (const auto& entry : std::filesystem::directory_iterator(in.path())) {
    if (++i % 10 >= 3) continue;
    const std::string whole = read_text(entry.path());
    std::ofstream(entry.path(), std::ios::binary) << (i % 10 == 0 ? "" : whole.substr(0, whole.size() / 2));
    broken.insert(entry.path().filename().string());
  }
  const Finished f = predict(in.path(), out.path());
  EXPECT_EQ(f.exit_code, 3) << f.err;
  const auto lines = predictions(out.path());
  EXPECT_EQ(lines.size(), 40u);
  std::set<std::string> failed;
  for (const Json& line : lines) {
    if (!line.contains("error")) continue;
    failed.insert(std::filesystem::path(line.at("file").get<std::string>()).filename().string());
    EXPECT_EQ(line.at("error").at("node"), "decode");
    EXPECT_THAT(line.at("error").at("code"), ::testing::AnyOf("truncated", "empty_file", "corrupt"));
  }
  EXPECT_EQ(failed, broken);
}

TEST(Predict, NothingButBrokenFilesIsAFailure) {
  const ScratchFolder in, out;
  std::ofstream(in / "a.png") << "no picture";
  EXPECT_EQ(predict(in.path(), out.path()).exit_code, 1);
  EXPECT_EQ(predictions(out.path()).size(), 1u);
}

TEST(Predict, DeterministicOutputIsEqualToTheByteForAnyNumberOfThreads) {
  const ScratchFolder in, out;
  many_images(in / "images", 24);
  std::set<std::string> results;
  for (const std::string threads : {"1", "2", "8"}) {
    const auto folder = out / threads;
    ASSERT_EQ(predict(in / "images", folder, {"--deterministic", "--threads", threads}).exit_code, 0);
    results.insert(read_text(folder / "predictions.jsonl"));
  }
  EXPECT_EQ(results.size(), 1u);
}

TEST(Predict, WithoutDeterminismAProbabilityMovesByAtMostOneInAHundredThousand) {
  const ScratchFolder in, out;
  many_images(in / "images", 24);
  ASSERT_EQ(predict(in / "images", out / "a", {"--threads", "1"}).exit_code, 0);
  ASSERT_EQ(predict(in / "images", out / "b", {"--threads", "4", "--set", "per-face/judge/clip.batch.max=3"}).exit_code,
            0);
  const auto a = predictions(out / "a"), b = predictions(out / "b");
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t face = 0; face < a[i]["faces"].size(); ++face)
      EXPECT_NEAR(a[i]["faces"][face]["probability"].get<double>(), b[i]["faces"][face]["probability"].get<double>(),
                  1e-5);
}

TEST(Predict, AStageIsSwappedByOneLine) {
  const ScratchFolder out;
  const Finished whole = predict(samples(), out.path(), {"--set", "faces.precropped=true"});
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  for (const Json& line : predictions(out.path())) {
    ASSERT_EQ(line.at("faces").size(), 1u);
    EXPECT_EQ(line.at("faces")[0].at("detector"), "precropped");
  }
  const Finished wrong = predict(samples(), out.path(), {"--set", "faces.type=decode"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("faces"));
}

TEST(Predict, AnOutputThatNobodyReadsCostsNothing) {
  const ScratchFolder out;
  const Finished whole = predict(samples(), out / "whole", {"--json"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  for (const char* node : {"overlay", "rollout", "judge/clip", "measure"})
    EXPECT_GT(calls(whole, std::string("per-face/") + node), 0u) << node;
  const Finished f = predict(samples(), out / "unread", {"--set", "per-face/overlay.enabled=false", "--json"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(calls(f, "per-face/overlay"), 0u);
  EXPECT_EQ(calls(f, "per-face/rollout"), 0u) << "only the overlay reads it";
  EXPECT_GT(calls(f, "per-face/judge/clip"), 0u);
  EXPECT_EQ(calls(f, "per-face/measure"), calls(whole, "per-face/measure"));
  for (const Json& line : predictions(out / "unread"))
    for (const Json& face : line.at("faces")) {
      EXPECT_TRUE(face.at("heatmap").is_null());
      EXPECT_TRUE(face.at("probability").is_number());
      EXPECT_TRUE(face.at("problems").empty());
    }
}

TEST(Predict, ADiskThatIsFullStopsTheRunAndLeavesValidFiles) {
  const ScratchFolder in, out;
  many_images(in / "images", 400);
  // A limit on the size of any one file stands in for a full disk: the write fails with EFBIG instead of ENOSPC.
  const std::string command = "ulimit -f 40; trap '' XFSZ; exec \"$@\"";
  std::vector<std::string> argv = {"bash", "-c", command, "bash"};
  for (const std::string& a : predict_command(
           in / "images", out / "o", {"--set", "report.heatmaps=false", "--set", "per-face/rollout.enabled=false"}))
    argv.push_back(a);
  const Finished f = run_process(argv, {.limit = std::chrono::seconds(200)});
  EXPECT_EQ(f.exit_code, 1) << f.err;
  EXPECT_THAT(f.err, HasSubstr("predictions.jsonl"));
  const std::string text = read_text(out / "o" / "predictions.jsonl");
  std::istringstream whole_lines(text.substr(0, text.rfind('\n') + 1));
  for (std::string line; std::getline(whole_lines, line);) EXPECT_TRUE(Json::accept(line)) << line;
}

}  // namespace
}  // namespace dfpipe::testing
