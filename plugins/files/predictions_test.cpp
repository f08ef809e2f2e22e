#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>

#include "predictions_testing.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dfpipe;
using namespace dfpipe::files;
using dfpipe::testing::NodeRunner;
using dfpipe::testing::ScratchFolder;
using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Predictions, OneLineForEachImageAsAgreed) {
  const ScratchFolder folder;
  Sink sink(folder);
  sink.image(0, {face(0.1)});
  sink.failed(1);
  sink.image(2, {});
  sink.close();
  const auto lines = folder.lines("predictions.jsonl");
  EXPECT_THAT(
      lines,
      ElementsAre(
          R"({"index":0,"file":"p/0.jpg","sha256":"abc","width":640,"height":480,"format":"jpeg","faces":[{"box":[1.5,2.0,30.0,40.0],)"
          R"("crop":[0,0,34,46],"detector":"dlib","detector_score":0.25,"presence":null,"label":"Realism","probability":0.1,)"
          R"("heuristics":{"texture":12.5,"edge_natural":null},"heatmap":"heatmaps/00000000_0.png","problems":[]}],)"
          R"("face_count":1,"model":"demo","trained":false})",
          R"({"index":1,"file":"p/1.jpg","error":{"node":"decode","code":"truncated","message":"the file ends early"}})",
          R"({"index":2,"file":"p/2.jpg","sha256":"abc","width":640,"height":480,"format":"jpeg","faces":[],"face_count":0,"model":"demo","trained":false})"));
  EXPECT_EQ(folder.read("heatmaps/00000000_0.png"), "PNG");
}

TEST(Predictions, AJudgedMeasureSaysWhatItSays) {
  const ScratchFolder folder;
  Sink sink(folder);
  FaceResult judged = face(0.5);
  judged.presence = 0.875;
  judged.heuristics = {
      .all = {{.name = "symmetry", .value = 0.5, .score = 1, .validity = 0.75, .note = "the halves agree"},
              {.name = "eyes", .validity = 0, .note = "an eye is closed"}},
      .total = 0.625,
      .worst = "symmetry"};
  sink.image(0, {judged});
  judged.heuristics.total.reset();
  judged.heuristics.worst.clear();
  sink.image(1, {judged});
  sink.close();
  const auto lines = folder.lines("predictions.jsonl");
  EXPECT_THAT(
      lines[0],
      HasSubstr(
          R"("presence":0.875,"label":"Deepfake","probability":0.5,"heuristics":{"symmetry":{"value":0.5,"score":1.0,"validity":0.75,"note":"the halves agree"},)"
          R"("eyes":{"value":null,"score":null,"validity":0.0,"note":"an eye is closed"},"total":0.625,"worst":"symmetry"})"));
  EXPECT_THAT(lines[1], HasSubstr(R"("total":null,"worst":null})"));
  const auto rows = folder.lines("predictions.csv");
  EXPECT_THAT(rows[0], ::testing::EndsWith(",symmetry,eyes,total,worst\r"));
  EXPECT_THAT(rows[1], ::testing::EndsWith(",1.0,,0.625,symmetry\r"));
  EXPECT_THAT(rows[2], ::testing::EndsWith(",1.0,,,\r"));
}

TEST(Predictions, NumbersAreReadBackUnchanged) {
  const ScratchFolder folder;
  Sink sink(folder);
  const double hard = 0.1 + 0.2;
  FaceResult odd = face(hard);
  odd.detector_score = std::numeric_limits<double>::quiet_NaN();
  sink.image(0, {odd});
  sink.close();
  const Json line = Json::parse(folder.lines("predictions.jsonl").at(0));
  EXPECT_EQ(line["faces"][0]["probability"].get<double>(), hard);
  EXPECT_TRUE(line["faces"][0]["detector_score"].is_null());
}

TEST(Predictions, AFailedFaceKeepsItsPlace) {
  const ScratchFolder folder;
  Sink sink(folder);
  std::vector<Cell> cells{Cell(Value::of(face(0.9))),
                          Cell(reason(Reason::Kind::error, "per-face/clip", "oom", "no memory")),
                          Cell(Value::of(face(0.2)))};
  sink.node().in("path", std::string("a")).in("image", info()).in("faces", List<FaceResult>(std::move(cells)));
  sink.node().run();
  sink.close();
  const Json line = Json::parse(folder.lines("predictions.jsonl").at(0));
  EXPECT_EQ(line["face_count"], 3);
  EXPECT_EQ(line["faces"][1].dump(), R"({"error":{"node":"per-face/clip","code":"oom","message":"no memory"}})");
  EXPECT_EQ(line["faces"][2]["heatmap"], "heatmaps/00000000_2.png");
}

TEST(Predictions, NamesOfAnyKindGiveOneValidLine) {
  const ScratchFolder folder;
  Sink sink(folder);
  for (const std::string& name : {std::string("a\nb\"c\\\t\x01.png"), std::string("\xFF\xFE"),
                                  std::string("\xE2\x80\xAE"
                                              "gpj.exe")}) {
    static std::uint64_t index = 0;
    sink.node().index(index++).in("path", name).in("image", info()).in("faces", List<FaceResult>());
    sink.node().run();
  }
  sink.close();
  EXPECT_EQ(folder.lines("predictions.jsonl").size(), 3u);
  for (const std::string& line : folder.lines("predictions.jsonl")) EXPECT_TRUE(Json::accept(line));
}

TEST(Predictions, HeatMapsAndTableCanBeLeftOut) {
  const ScratchFolder folder;
  Sink sink(folder, false);
  sink.node().set("heatmaps", false);
  sink.image(0, {face(0.5)});
  sink.close();
  EXPECT_FALSE(fs::exists(folder / "predictions.csv"));
  EXPECT_FALSE(fs::exists(folder / "heatmaps"));
  EXPECT_TRUE(Json::parse(folder.lines("predictions.jsonl").at(0))["faces"][0]["heatmap"].is_null());
}

TEST(Predictions, AnEarlierResultIsPutAside) {
  const ScratchFolder folder;
  for (double p : {0.1, 0.2, 0.3}) {
    Sink sink(folder);
    sink.image(0, {face(p)});
    sink.close();
  }
  EXPECT_THAT(folder.read("predictions.jsonl"), HasSubstr("0.3"));
  EXPECT_THAT(folder.read("predictions.prev.jsonl"), HasSubstr("0.2"));
  EXPECT_THAT(folder.read("predictions.prev.csv"), HasSubstr("0.2"));
  EXPECT_TRUE(fs::exists(folder / "heatmaps.prev/00000000_0.png"));
}

TEST(Predictions, ForeignAndUnfinishedFilesAmongTheHeatMapsStopNoRun) {
  const ScratchFolder folder;
  for (double p : {0.1, 0.2, 0.3, 0.4}) {
    Sink sink(folder);
    sink.image(0, {face(p)});
    sink.close();
    folder.write("heatmaps/00000001_0.png.part");  // left by a kill
    if (p == 0.1)
      for (const char* name : {"heatmaps/.DS_Store", "heatmaps/mine.png", "heatmaps.prev/mine.png"})
        folder.write(name, "theirs");
  }
  EXPECT_THAT(folder.read("predictions.jsonl"), HasSubstr("0.4"));
  EXPECT_THAT(folder.read("predictions.prev.jsonl"), HasSubstr("0.3"));
  for (const char* name : {"heatmaps/.DS_Store", "heatmaps/mine.png", "heatmaps.prev/mine.png"})
    EXPECT_EQ(folder.read(name), "theirs") << name;
  EXPECT_TRUE(fs::exists(folder / "heatmaps/00000000_0.png"));
  EXPECT_TRUE(fs::exists(folder / "heatmaps.prev/00000000_0.png")) << "of the run before the last";
}

TEST(Predictions, ALinkedFolderOfEarlierHeatMapsIsNotEmptied) {
  const ScratchFolder folder, elsewhere;
  elsewhere.write("00000007_0.png", "theirs");
  fs::create_directory_symlink(elsewhere.path(), folder / "heatmaps.prev");
  for (double p : {0.1, 0.2}) {
    Sink sink(folder);
    sink.image(0, {face(p)});
    sink.close();
  }
  EXPECT_EQ(elsewhere.read("00000007_0.png"), "theirs");
}

TEST(Predictions, TwoRunsCannotShareAFolder) {
  const ScratchFolder folder;
  Sink first(folder), second(folder);
  first.node().open();
  try {
    second.node().open();
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("another run is writing there (process " + std::to_string(::getpid()) + ")"));
  }
  first.close();
  EXPECT_NO_THROW(second.node().open());
}

TEST(Predictions, AStoppedImageIsNoResult) {
  const ScratchFolder folder;
  Sink sink(folder);
  sink.image(0, {});
  sink.failed(1, Reason::Kind::stopped);
  sink.close(Outcome::stopped);
  EXPECT_EQ(folder.lines("predictions.jsonl").size(), 1u);
}

TEST(Predictions, AnImageThatNeverArrivesIsReported) {
  const ScratchFolder folder;
  Sink sink(folder);
  sink.image(0, {});
  sink.image(2, {});
  sink.close();
  const auto lines = folder.lines("predictions.jsonl");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[1], HasSubstr("\"code\":\"cancelled\""));
}

TEST(Predictions, AFolderThatCannotBeMadeIsSaid) {
  const ScratchFolder folder;
  folder.write("file");
  NodeRunner node("predictions");
  node.set("dir", folder / "file/out");
  EXPECT_THROW(node.open(), std::runtime_error);
}

/// Runs in a child process, so that limits and kills hit nobody else. The exit code is what `body` gives.
template <class Body>
pid_t in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

TEST(Predictions, AFullDiskEndsTheRunAndLeavesWholeLines) {
  const ScratchFolder folder;
  const pid_t child = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails with EFBIG, as a full disk does with ENOSPC
    Sink sink(folder);
    sink.node().open();
    sink.node().node().begin({});
    const rlimit limit{2000, 2000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      for (std::uint64_t i = 0; i < 100; ++i) sink.image(i, {face(0.5)});
    } catch (const Fatal& e) {
      const std::string what = e.what();
      return what.find("predictions.jsonl: cannot be written: File too large") != std::string::npos ? 7 : 8;
    }
    return 9;
  });
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  const std::string all = folder.read("predictions.jsonl");
  EXPECT_TRUE(all.ends_with("}\n"));
  EXPECT_GT(folder.lines("predictions.jsonl").size(), 2u);
}

}  // namespace
