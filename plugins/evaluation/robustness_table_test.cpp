#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "robustness/sweep.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::evaluation {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::NodeRunner;
using ::testing::Not;
using testing::ScratchFolder;
using Json = nlohmann::json;
using Kind = Degradation::Kind;

const std::vector<Degradation> three{{}, {Kind::jpeg, 40, ""}, {Kind::resize, 64, "area"}};

/// The node with a folder; each call is one picture.
class Sink {
 public:
  explicit Sink(const fs::path& folder, const std::string& trained = "true") : node_("robustness-table") {
    node_.set("dir", folder).set("replicates", std::int64_t{50});
    node_.facts({{"detector", {{"model", "m"}, {"trained", trained}, {"sha256", "abc"}}},
                 {"data", {{"list", "def"}, {"data", "d test: 2 real"}}}});
  }
  NodeRunner& node() { return node_; }

  /// `scores`: for each face one for each degradation; below 0: it failed.
  void picture(std::uint64_t index, std::int64_t label, const std::vector<std::vector<double>>& scores,
               const std::vector<Degradation>& settings = three) {
    List<List<Degradation>> what;
    List<List<FaceResult>> results;
    for (const auto& of_face : scores) {
      List<Degradation> list;
      for (const Degradation& one : settings) list.push_back(one);
      what.push_back(std::move(list));
      List<FaceResult> faces;
      for (const double score : of_face) {
        FaceResult face;
        if (score >= 0) face.probability = score;
        faces.push_back(face);
      }
      results.push_back(std::move(faces));
    }
    sample(index, label).in("settings", std::move(what)).in("results", std::move(results)).run();
  }
  void failed(std::uint64_t index, std::int64_t label, Reason::Kind kind = Reason::Kind::error) {
    const Cell why(std::make_shared<const Reason>(Reason{kind, "decode", "truncated", "ends early"}));
    sample(index, label).in_cell("settings", why).in_cell("results", why).run();
  }
  std::optional<Checkpoint> resume(bool retry_errors = false) {
    node_.open();
    auto found = node_.node().resume(retry_errors);
    node_.node().begin(found ? *found : Checkpoint{0, {}, "h", "s"});
    return found;
  }

 private:
  NodeRunner& sample(std::uint64_t index, std::int64_t label) {
    return node_.index(index).in("sample", Sample{label, "d", "test", "", "p" + std::to_string(index) + ".jpg"});
  }
  NodeRunner node_;
};

/// Apart without a degradation, in disorder after JPEG, half in order after resizing.
void four_pictures(Sink& sink) {
  sink.picture(0, 0, {{0.1, 0.8, 0.2}});
  sink.picture(1, 0, {{0.2, 0.7, 0.6}});
  sink.picture(2, 1, {{0.8, 0.2, 0.5}});
  sink.picture(3, 1, {{0.9, 0.1, 0.5}});
}

Json numbers(const ScratchFolder& folder) { return Json::parse(folder.read("robustness.json")); }

TEST(DegradationName, IsReadBack) {
  for (const Degradation& one : {Degradation{},
                                 {Kind::jpeg, 40, ""},
                                 {Kind::blur, 0.1 + 0.2, ""},
                                 {Kind::resize, 112, "pillow-bicubic"},
                                 {Kind::noise, 0.05, ""}})
    EXPECT_EQ(degradation_of(name_of(one)), one);
  EXPECT_EQ(name_of({Kind::resize, 112, "area"}), "resize 112 area");
  for (const char* none : {"", "none 3", "jpeg", "jpeg x", "fog 3", "jpeg 3x"})
    EXPECT_THROW(degradation_of(none), std::runtime_error) << none;
}

TEST(RobustnessTable, HasTheAucOfEachDegradationAndHowFarItFell) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  four_pictures(sink);
  sink.node().close();
  const Json json = numbers(folder);
  const auto auc = [&](std::size_t i) { return json["degradations"][i]["metrics"]["roc_auc"]["value"]; };
  EXPECT_EQ(auc(0), 1.0);
  EXPECT_EQ(auc(1), 0.0);
  EXPECT_EQ(auc(2), 0.5);
  EXPECT_EQ(json["degradations"][1]["name"], "jpeg 40");
  EXPECT_EQ(json["degradations"][1]["auc_drop"], 1.0);
  EXPECT_EQ(json["degradations"][0]["auc_drop"], 0.0);
  EXPECT_NEAR(json["degradations"][1]["mean_score_real"], 0.75, 1e-12);
  EXPECT_EQ(json["degradations"][2]["filter"], "area");
  EXPECT_EQ(json["model"]["sha256"], "abc");
  EXPECT_THAT(json["notes"], Contains("The AUC falls most, by 1.00, with 'jpeg 40'."));
  const auto rows = folder.lines("robustness.csv");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows[1], HasSubstr("none,none,,,4,2,2,0,1,"));
  EXPECT_THAT(rows[3], HasSubstr("resize 64 area,resize,64,area,4,2,2,0,0.5,"));
}

TEST(RobustnessTable, ThePageDrawsACurveAKindAndNeedsNothingFromOutside) {
  const ScratchFolder folder;
  Sink sink(folder.path(), "false");
  four_pictures(sink);
  sink.node().close();
  const std::string page = folder.read("robustness.html");
  for (const char* text : {"JPEG", "Resizing there and back", "resize 64 area", "is not trained", ">none<"})
    EXPECT_THAT(page, HasSubstr(text));
  EXPECT_THAT(page, Not(HasSubstr(">Blur<"))) << "no blur was tried";
  for (const char* outside : {"http:", "https:", "<script", "<link", "src=", "href=", "url(", "@import", "nan", "inf"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(RobustnessTable, WhatFailsAtOneDegradationIsLeftOutThereAlone) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  four_pictures(sink);
  sink.picture(4, 1, {{0.9, -1, 0.9}});
  sink.picture(5, 0, {});
  sink.failed(6, 1);
  sink.node().close();
  const Json json = numbers(folder);
  EXPECT_EQ(json["pictures"], 7);
  EXPECT_EQ(json["not_swept"], 2);
  EXPECT_EQ(json["degradations"][0]["scored"], 5);
  EXPECT_EQ(json["degradations"][1]["scored"], 4);
  EXPECT_EQ(json["degradations"][1]["not_scored"], 1);
  EXPECT_EQ(json["degradations"][2]["scored"], 5);
  EXPECT_THAT(json["notes"], Contains(HasSubstr("Up to 1 pictures have no score")));
  const Json line = Json::parse(folder.lines("scores.jsonl")[4]);
  EXPECT_EQ(line["error"]["message"], "jpeg 40: no probability was computed");
  EXPECT_EQ(Json::parse(folder.lines("scores.jsonl")[5])["problem"]["code"], "no_face");
  EXPECT_EQ(Json::parse(folder.lines("scores.jsonl")[6])["error"]["code"], "truncated");
}

TEST(RobustnessTable, OfSeveralFacesTheMostSuspiciousCounts) {
  const ScratchFolder most, mean;
  for (const ScratchFolder* folder : {&most, &mean}) {
    Sink sink(folder->path());
    if (folder == &mean) sink.node().set("several_faces", std::string("mean"));
    sink.picture(0, 1, {{0.25, 0.5, 0.75}, {0.75, 0.25, 0.25}});
    sink.node().close();
  }
  const auto scores = [](const ScratchFolder& folder) {
    return Json::parse(folder.lines("scores.jsonl")[0])["scores"];
  };
  EXPECT_EQ(scores(most), (Json{{"none", 0.75}, {"jpeg 40", 0.5}, {"resize 64 area", 0.75}}));
  EXPECT_EQ(scores(mean), (Json{{"none", 0.5}, {"jpeg 40", 0.375}, {"resize 64 area", 0.5}}));
}

TEST(RobustnessTable, NothingAndOneClassGiveAWholeReport) {
  const ScratchFolder nothing, one;
  Sink empty(nothing.path());
  empty.resume();
  empty.node().close();
  EXPECT_EQ(numbers(nothing)["degradations"].size(), 0u);
  EXPECT_THAT(numbers(nothing)["notes"], Contains("No picture has a score."));
  Sink real(one.path());
  real.picture(0, 0, {{0.1, 0.2, 0.3}});
  real.node().close();
  EXPECT_TRUE(numbers(one)["degradations"][0]["metrics"]["roc_auc"]["value"].is_null());
  EXPECT_THAT(one.read("robustness.html"), HasSubstr("there are no fakes"));
}

TEST(RobustnessTable, AResumedRunGivesTheBytesOfAnUnbrokenOne) {
  const ScratchFolder whole, broken;
  {
    Sink sink(whole.path());
    four_pictures(sink);
    sink.node().close();
    Sink first(broken.path());
    first.picture(0, 0, {{0.1, 0.8, 0.2}});
    first.picture(1, 0, {{0.2, 0.7, 0.6}});  // ends here, without close
  }
  std::ofstream(broken / "scores.jsonl", std::ios::app) << "{\"index\": 2, \"pa";
  Sink again(broken.path());
  const auto found = again.resume();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->position, 2u);
  again.picture(2, 1, {{0.8, 0.2, 0.5}});
  again.picture(3, 1, {{0.9, 0.1, 0.5}});
  again.node().close();
  for (const char* file : {"robustness.json", "robustness.csv", "robustness.html", "scores.jsonl"})
    EXPECT_EQ(whole.read(file), broken.read(file)) << file;
}

TEST(RobustnessTable, WhatWasStoppedIsNoResult) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  sink.picture(0, 0, {{0.1, 0.8, 0.2}});
  sink.failed(1, 1, Reason::Kind::stopped);
  sink.node().close(Outcome::stopped);
  EXPECT_EQ(folder.lines("scores.jsonl").size(), 1u);
}

TEST(RobustnessTable, FacesSweptDifferentlyAreRefused) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  EXPECT_THROW(sink.picture(0, 0, {{0.1}}), Error) << "fewer results than settings";
  SweepCollector collector;
  SweptPicture one;
  one.settings = three;
  one.scores.resize(3);
  collector.add(one);
  one.settings.pop_back();
  one.scores.pop_back();
  EXPECT_THROW(collector.add(one), std::runtime_error);
}

[[noreturn]] void finish_on_a_full_disk(const ScratchFolder& folder) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails with EFBIG, as a full disk does with ENOSPC
  Sink sink(folder.path());
  four_pictures(sink);
  const rlimit limit{.rlim_cur = 1500, .rlim_max = 1500};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  try {
    sink.node().close();
  } catch (const Fatal& e) {
    std::_Exit(
        std::string(e.what()).find("robustness.html: cannot be written: File too large") != std::string::npos ? 0 : 1);
  }
  std::_Exit(2);
}

TEST(RobustnessTable, AFullDiskEndsTheRunAndAFolderThatCannotBeMadeIsSaid) {
  const ScratchFolder folder;
  folder.write("robustness.html", "earlier");
  EXPECT_EXIT(finish_on_a_full_disk(folder), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(folder.read("robustness.html"), "earlier");
  folder.write("file");
  Sink inside_a_file(folder / "file/out");
  EXPECT_THROW(inside_a_file.node().open(), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::evaluation
