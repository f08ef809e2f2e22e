#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "dfpipe/types/prediction.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dfpipe;
using dfpipe::testing::NodeRunner;
using dfpipe::testing::ScratchFolder;
using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ReasonPtr reason(Reason::Kind kind, std::string node, std::string code, std::string message) {
  return std::make_shared<const Reason>(Reason{kind, std::move(node), std::move(code), std::move(message)});
}

FaceResult face(double probability) {
  FaceResult f;
  f.box = {1.5, 2, 30, 40};
  f.crop = {0, 0, 34, 46};
  f.detector = "dlib";
  f.detector_score = 0.25;
  f.probability = probability;
  f.label = probability >= 0.5 ? "Deepfake" : "Realism";
  f.heuristics.all = {{.name = "texture", .value = 12.5}, {.name = "edge_natural"}};
  f.heatmap = std::make_shared<const Bytes>(Bytes{{'P', 'N', 'G'}});
  return f;
}

ImageInfo info() {
  ImageInfo i;
  i.width = 640;
  i.height = 480;
  i.format = "jpeg";
  i.sha256 = "abc";
  return i;
}

List<FaceResult> faces(std::vector<FaceResult> all) {
  List<FaceResult> list;
  for (FaceResult& f : all) list.push_back(std::move(f));
  return list;
}

/// The node with a folder; each call is one image.
class Sink {
 public:
  explicit Sink(const ScratchFolder& folder, bool csv = true) : node_("predictions") {
    node_.set("dir", folder.path()).set("csv", csv);
    node_.facts({{"detector", {{"model", "demo"}, {"trained", "false"}}}});
  }
  NodeRunner& node() { return node_; }
  void image(std::uint64_t index, std::vector<FaceResult> all) {
    node_.index(index)
        .in("path", "p/" + std::to_string(index) + ".jpg")
        .in("image", info())
        .in("faces", faces(std::move(all)));
    node_.run();
  }
  void failed(std::uint64_t index, Reason::Kind kind = Reason::Kind::error) {
    const Cell why(reason(kind, "decode", "truncated", "the file ends early"));
    node_.index(index).in("path", "p/" + std::to_string(index) + ".jpg").in_cell("image", why).in_cell("faces", why);
    node_.run();
  }
  std::optional<Checkpoint> resume(bool retry_errors = false) {
    node_.open();
    auto found = node_.node().resume(retry_errors);
    node_.node().begin(found ? *found : Checkpoint{0, {}, "h", "s"});
    return found;
  }
  void close(Outcome outcome = Outcome::completed) { node_.close(outcome); }

 private:
  NodeRunner node_;
};

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
          R"("crop":[0,0,34,46],"detector":"dlib","detector_score":0.25,"label":"Realism","probability":0.1,)"
          R"("heuristics":{"texture":12.5,"edge_natural":null},"heatmap":"heatmaps/00000000_0.png","problems":[]}],)"
          R"("face_count":1,"model":"demo","trained":false})",
          R"({"index":1,"file":"p/1.jpg","error":{"node":"decode","code":"truncated","message":"the file ends early"}})",
          R"({"index":2,"file":"p/2.jpg","sha256":"abc","width":640,"height":480,"format":"jpeg","faces":[],"face_count":0,"model":"demo","trained":false})"));
  EXPECT_EQ(folder.read("heatmaps/00000000_0.png"), "PNG");
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

TEST(Predictions, TheTableIsMadeFromTheLines) {
  const ScratchFolder folder;
  Sink sink(folder);
  FaceResult bad = face(0.75);
  bad.problems = {"node 'rollout': no", "node 'x': \"y\""};
  sink.image(0, {face(0.25), bad});
  sink.failed(1);
  sink.node().index(2).in("path", std::string("=1+1,\"x\"\n.jpg")).in("image", info()).in("faces", List<FaceResult>());
  sink.node().run();
  sink.close();
  EXPECT_EQ(folder.read("predictions.csv"),
            "file,sha256,width,height,face,x,y,w,h,detector,detector_score,label,probability,error,model,trained\r\n"
            "p/0.jpg,abc,640,480,0,1.5,2.0,30.0,40.0,dlib,0.25,Realism,0.25,,demo,false\r\n"
            "p/0.jpg,abc,640,480,1,1.5,2.0,30.0,40.0,dlib,0.25,Deepfake,0.75,\"node 'rollout': no; node 'x': "
            "\"\"y\"\"\",demo,false\r\n"
            "p/1.jpg,,,,,,,,,,,,,decode: truncated: the file ends early,,\r\n"
            "\"=1+1,\"\"x\"\"\n.jpg\",abc,640,480,,,,,,,,,,,demo,false\r\n");
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
    if (p == 0.1) folder.write("heatmaps/.DS_Store", "theirs");
  }
  EXPECT_THAT(folder.read("predictions.jsonl"), HasSubstr("0.4"));
  EXPECT_THAT(folder.read("predictions.prev.jsonl"), HasSubstr("0.3"));
  EXPECT_EQ(folder.read("heatmaps.prev/.DS_Store"), "theirs");
  EXPECT_FALSE(fs::exists(folder / "heatmaps.prev/00000000_0.png")) << "of the first run, no longer needed";
  EXPECT_TRUE(fs::exists(folder / "heatmaps.prev.2/00000000_0.png")) << "of the run before the last";
  EXPECT_FALSE(fs::exists(folder / "heatmaps.prev.3")) << "numbers do not grow with the runs";
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

TEST(Predictions, ResumeGoesOnWithTheFirstRunsRecord) {
  const ScratchFolder folder;
  {
    Sink sink(folder);
    EXPECT_FALSE(sink.resume().has_value()) << "nothing is there yet";
    sink.image(0, {face(0.1)});
    sink.failed(1);
    sink.close(Outcome::stopped);
  }
  fs::resize_file(folder / "predictions.jsonl", fs::file_size(folder / "predictions.jsonl") - 3);
  Sink sink(folder);
  const auto found = sink.resume();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->position, 1u);
  EXPECT_EQ(found->failed, 0u);
  EXPECT_EQ(found->hash, "h");
  EXPECT_EQ(found->source_state, "s");
  sink.image(0, {});  // has it already
  sink.failed(1);
  sink.image(2, {});
  sink.close();
  const auto lines = folder.lines("predictions.jsonl");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(Json::parse(lines[0])["face_count"], 1);
  EXPECT_FALSE(fs::exists(folder / "predictions.prev.jsonl"));
}

TEST(Predictions, RetryErrorsDoesOnlyTheFailedOnesAgain) {
  const ScratchFolder folder;
  {
    Sink sink(folder);
    sink.resume();
    FaceResult half = face(0.4);
    half.problems = {"node 'rollout': no"};
    sink.image(0, {face(0.1)});
    sink.failed(1);
    sink.image(2, {half});
    sink.image(3, {});
    sink.close();
  }
  Sink sink(folder);
  const auto found = sink.resume(true);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->position, 4u);
  EXPECT_THAT(found->missing, ElementsAre(1u, 2u));
  sink.image(1, {face(0.7)});
  sink.image(2, {face(0.8)});
  sink.image(4, {});
  sink.close();
  std::vector<std::string> names;
  for (const std::string& line : folder.lines("predictions.jsonl")) {
    const Json parsed = Json::parse(line);
    EXPECT_FALSE(parsed.contains("error"));
    names.push_back(parsed["file"]);
  }
  EXPECT_THAT(names, ElementsAre("p/0.jpg", "p/1.jpg", "p/2.jpg", "p/3.jpg", "p/4.jpg"));
  EXPECT_THAT(folder.read("predictions.jsonl"), HasSubstr("0.8"));
}

TEST(Predictions, ResumeKnowsOfTheEarlierErrors) {
  const ScratchFolder folder;
  {
    Sink sink(folder);
    sink.image(0, {});
    sink.failed(1);
    sink.failed(2);
    sink.close();
  }
  {
    Sink sink(folder);
    EXPECT_EQ(sink.resume()->failed, 2u);
    sink.close();
  }
  EXPECT_EQ(Sink(folder).resume(true)->failed, 0u) << "they are made again";
}

TEST(Predictions, WithoutItsRecordAResultCannotBeContinued) {
  const ScratchFolder folder;
  folder.write("predictions.jsonl", "{}\n");
  EXPECT_THROW(Sink(folder).resume(), std::runtime_error);
  const auto refusal = [&](const std::string& record) -> std::string {
    folder.write("predictions.run.json", record);
    try {
      Sink(folder).resume();
      return "";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  EXPECT_THAT(refusal(R"({"format":99})"), HasSubstr("was written by another version; run without --resume"));
  for (const char* damaged :
       {"", "{\"form", "[]", "{}", R"({"format":2})", R"({"format":2,"hash":1,"source_state":""})"})
    EXPECT_THAT(refusal(damaged), HasSubstr("predictions.run.json: is damaged; run without --resume")) << damaged;
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

TEST(Predictions, AKillAtAnyMomentLeavesValidFilesAndResumeFinishes) {
  constexpr std::uint64_t images = 400;
  std::uint32_t random = 99;
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    const ScratchFolder folder;
    const auto work = [&](bool resumes) {
      Sink sink(folder);
      std::uint64_t from = 0;
      if (auto found = resumes ? sink.resume() : std::nullopt) from = found->position;
      for (std::uint64_t i = from; i < images; ++i)
        i % 7 == 3 ? sink.failed(i) : sink.image(i, {face(0.25), face(static_cast<double>(i))});
      sink.close();
      return 0;
    };
    // Killed several times in a row, each run resuming the one before.
    for (int kill = 0; kill < 3; ++kill) {
      const pid_t child = in_child([&] { return work(true); });
      random = random * 1664525u + 1013904223u;
      ::usleep((random >> 16) % 20'000);
      ::kill(child, SIGKILL);
      ASSERT_EQ(::waitpid(child, nullptr, 0), child);
      std::string all = folder.read("predictions.jsonl");
      all.resize(all.rfind('\n') == std::string::npos ? 0 : all.rfind('\n') + 1);
      std::istringstream lines(all);
      std::uint64_t expected = 0;
      for (std::string line; std::getline(lines, line); ++expected) {
        const Json parsed = Json::parse(line);
        EXPECT_EQ(parsed["file"], "p/" + std::to_string(expected) + ".jpg");
        for (const Json& f : parsed.value("faces", Json::array())) EXPECT_EQ(folder.read(f["heatmap"]), "PNG");
      }
    }
    work(true);
    const auto lines = folder.lines("predictions.jsonl");
    ASSERT_EQ(lines.size(), images);
    for (std::uint64_t i = 0; i < images; ++i)
      ASSERT_EQ(Json::parse(lines[i])["file"], "p/" + std::to_string(i) + ".jpg");
    EXPECT_TRUE(fs::exists(folder / "predictions.csv"));
  }
}

}  // namespace
