#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/sample.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::evaluation {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::NodeRunner;
using testing::ScratchFolder;
using Json = nlohmann::json;

/// The node with a folder; each call is one picture.
class Sink {
 public:
  explicit Sink(const fs::path& folder) : node_("metrics") {
    node_.set("dir", folder).set("replicates", std::int64_t{50});
    node_.facts({{"detector", {{"model", "demo"}, {"trained", "false"}, {"sha256", "abc"}}},
                 {"data", {{"list", "def"}, {"data", "d test: 1 real"}}}});
  }
  NodeRunner& node() { return node_; }
  void picture(std::uint64_t index, std::int64_t label, double probability) {
    FaceResult face;
    face.probability = probability;
    List<FaceResult> faces;
    faces.push_back(face);
    sample(index, label).in("faces", faces).run();
  }
  void failed(std::uint64_t index, std::int64_t label, Reason::Kind kind = Reason::Kind::error) {
    sample(index, label)
        .in_cell("faces", Cell(std::make_shared<const Reason>(Reason{kind, "decode", "truncated", "ends early"})))
        .run();
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

Json numbers(const ScratchFolder& folder) { return Json::parse(folder.read("metrics.json")); }

TEST(Metrics, WritesNumbersPageAndTable) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  sink.picture(0, 0, 0.2);
  sink.picture(1, 1, 0.9);
  sink.failed(2, 1);
  sink.node().close();
  const Json json = numbers(folder);
  EXPECT_EQ(json["all"]["metrics"]["roc_auc"]["value"], 1.0);
  EXPECT_EQ(json["model"]["model"], "demo");
  EXPECT_EQ(json["model"]["sha256"], "abc");
  EXPECT_EQ(json["data"]["list"], "def");
  EXPECT_EQ(json["not_scored"][0]["path"], "p2.jpg");
  EXPECT_THAT(folder.read("report.html"), HasSubstr("(untrained)"));
  EXPECT_EQ(folder.lines("scores.csv").size(), 4u);
  EXPECT_EQ(folder.lines("scores.csv")[3], "p2.jpg,d,test,,fake,0,,,truncated: node 'decode': ends early\r");
}

TEST(Metrics, AResumedRunGivesTheBytesOfAnUnbrokenOne) {
  const ScratchFolder whole, broken;
  for (const ScratchFolder* folder : {&whole, &broken}) {
    Sink sink(folder->path());
    sink.picture(0, 0, 0.2);
    sink.failed(1, 1);
    if (folder == &broken) continue;  // ends here, without close
    sink.picture(2, 1, 0.7);
    sink.node().close();
  }
  {
    std::ofstream(broken / "scores.jsonl", std::ios::app) << "{\"index\": 2, \"pa";
    Sink sink(broken.path());
    const auto found = sink.resume();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->position, 2u);
    EXPECT_EQ(found->failed, 1u);
    sink.picture(2, 1, 0.7);
    sink.node().close();
  }
  EXPECT_EQ(whole.read("metrics.json"), broken.read("metrics.json"));
  EXPECT_EQ(whole.read("scores.csv"), broken.read("scores.csv"));
  Sink retry(broken.path());
  EXPECT_EQ(retry.resume(true)->missing, std::vector<std::uint64_t>{1});
}

TEST(Metrics, WhatWasStoppedIsNoResult) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  sink.picture(0, 0, 0.2);
  sink.failed(1, 1, Reason::Kind::stopped);
  sink.node().close(Outcome::stopped);
  EXPECT_EQ(folder.lines("scores.jsonl").size(), 1u);
  EXPECT_EQ(numbers(folder)["all"]["pictures"], 1);
}

TEST(Metrics, EarlierScoresArePutAsideAndAFailedRunLeavesTheEarlierReport) {
  const ScratchFolder folder;
  for (const double score : {0.2, 0.3}) {
    Sink sink(folder.path());
    sink.picture(0, 0, score);
    sink.node().close(score == 0.2 ? Outcome::completed : Outcome::failed);
  }
  EXPECT_THAT(folder.read("scores.prev.jsonl"), HasSubstr("0.2"));
  EXPECT_THAT(folder.read("scores.jsonl"), HasSubstr("0.3"));
  EXPECT_THAT(folder.read("scores.csv"), HasSubstr(",0.2,"));
}

TEST(Metrics, TwoRunsCannotShareAFolder) {
  const ScratchFolder folder;
  Sink first(folder.path()), second(folder.path());
  first.node().open();
  EXPECT_THROW(second.node().open(), std::runtime_error);
}

TEST(Metrics, ARecordThatIsMissingOrDamagedIsRefused) {
  const ScratchFolder folder;
  folder.write("scores.jsonl", "");
  Sink without(folder.path());
  EXPECT_THROW(without.resume(), std::runtime_error);
  without.node().close(Outcome::failed);
  folder.write("evaluation.run.json", "{\"format\": 1, \"hash\": 3}");
  Sink damaged(folder.path());
  EXPECT_THROW(damaged.resume(), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::evaluation
