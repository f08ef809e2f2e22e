#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "dfpipe/types/prediction.hpp"
#include "node_testing.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Pair;
using Names = std::vector<std::string>;

Cell failed(const std::string& node, Reason::Kind kind = Reason::Kind::error) {
  return Cell(std::make_shared<const Reason>(Reason{kind, node, "oom", "no memory"}));
}

/// The node with made-up logits and roll-outs; each call is one image.
class Sink {
 public:
  explicit Sink(const std::filesystem::path& file, const Names& write = {"logits", "probability", "rollout"})
      : node_("features") {
    node_.set("file", file).set("write", write).facts({{"detector", {{"model", "demo"}, {"sha256", "abc"}}}});
  }

  /// A face for each number; NaN: one whose roll-out failed.
  void image(std::uint64_t index, const std::vector<double>& faces, std::int64_t grid = 2) {
    List<FaceResult> places;
    std::vector<Cell> logits, maps, probabilities;
    for (const double x : faces) {
      places.push_back({.box = {1.5, 2, 30, 40}, .crop = {0, 0, 34, 46}, .detector = "dlib"});
      logits.emplace_back(Value::of<at::Tensor>(at::full({1, 2}, x)));
      probabilities.emplace_back(Value::of<at::Tensor>(at::tensor({1 - x, x}).to(at::kFloat).view({1, 2})));
      maps.emplace_back(std::isnan(x) ? failed("rollout") : Value::of<at::Tensor>(at::full({1, grid, grid}, x)));
    }
    node_.index(index).in("path", "p/" + std::to_string(index) + ".jpg").in("faces", places);
    node_.in("logits", List<at::Tensor>(logits)).in("rollout", List<at::Tensor>(maps));
    node_.in("probability", List<at::Tensor>(probabilities)).run();
  }
  void image_failed(std::uint64_t index, Reason::Kind kind = Reason::Kind::error) {
    node_.index(index).in("path", std::string("bad\xff.png"));
    for (const char* const port : {"faces", "logits", "rollout", "probability"})
      node_.in_cell(port, failed("decode", kind));
    node_.run();
  }
  NodeRunner& node() { return node_; }

 private:
  NodeRunner node_;
};

class FeaturesNode : public ::testing::Test {
 protected:
  std::map<std::string, at::Tensor> tensors() const { return load_all(file); }
  json list() const { return json::parse(read_bytes(folder / "f.json")); }
  Names files() const {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }
  const ScratchFolder folder;
  const std::filesystem::path file = folder / "f.safetensors";
};

TEST_F(FeaturesNode, ARowAFaceInTheOrderOfTheSource) {
  Sink sink(file);
  sink.image(0, {0.25, 0.5});
  sink.image(1, {});
  sink.image(2, {0.75});
  EXPECT_THAT(files(), IsEmpty()) << "rows that wait have no name";
  sink.node().close();
  EXPECT_THAT(files(), ElementsAre("f.json", "f.safetensors"));
  const auto all = tensors();
  EXPECT_THAT(all, ElementsAre(Key("logits"), Key("probability"), Key("rollout")));
  const at::Tensor x = at::tensor({0.25, 0.5, 0.75}).to(at::kFloat);
  EXPECT_TRUE(at::equal(all.at("probability"), x));
  EXPECT_TRUE(at::equal(all.at("logits"), x.unsqueeze(1).expand({3, 2})));
  EXPECT_TRUE(at::equal(all.at("rollout"), x.view({3, 1, 1}).expand({3, 2, 2})));
  EXPECT_THAT(SafetensorsFile(file).metadata(), ElementsAre(Pair("model", "demo"), Pair("sha256", "abc")));
  EXPECT_EQ(list(), json::parse(R"({
    "tensors": {"logits": [3,2], "probability": [3], "rollout": [3,2,2]},
    "model": {"model": "demo", "sha256": "abc"},
    "rows": [{"file":"p/0.jpg","face":0,"detector":"dlib","box":[1.5,2.0,30.0,40.0],"crop":[0,0,34,46]},
             {"file":"p/0.jpg","face":1,"detector":"dlib","box":[1.5,2.0,30.0,40.0],"crop":[0,0,34,46]},
             {"file":"p/2.jpg","face":0,"detector":"dlib","box":[1.5,2.0,30.0,40.0],"crop":[0,0,34,46]}],
    "without_row": [{"file":"p/1.jpg","error":{"code":"no_face"}}]})"));
}

TEST_F(FeaturesNode, WhatFailedHasAReasonAndNoRow) {
  Sink sink(file);
  sink.image_failed(0);
  sink.image(1, {0.5, std::nan(""), 0.25});
  sink.node().close();
  EXPECT_TRUE(at::equal(tensors().at("probability"), at::tensor({0.5, 0.25}).to(at::kFloat)));
  const json without = list().at("without_row");
  ASSERT_EQ(without.size(), 2u);
  EXPECT_EQ(without[0].at("error"), json::parse(R"({"node":"decode","code":"oom","message":"no memory"})"));
  EXPECT_THAT(without[0].at("file").get<std::string>(), HasSubstr("bad")) << "whatever bytes the name holds";
  EXPECT_EQ(without[1].at("face"), 1);
  EXPECT_EQ(without[1].at("error").at("node"), "rollout");
  EXPECT_EQ(list().at("rows")[1].at("face"), 2);
}

TEST_F(FeaturesNode, AFaceOfAnotherShapeIsAnErrorOfItsImageAndOfNoOther) {
  Sink sink(file);
  sink.image(0, {0.5});
  EXPECT_THAT(message_of([&] { sink.image(1, {0.5, 0.25}, 3); }), HasSubstr("another shape"));
  sink.image(2, {0.75});
  sink.node().close();
  EXPECT_EQ(tensors().at("rollout").size(0), 2);
  EXPECT_EQ(list().at("rows").size(), 2u);
  ASSERT_EQ(list().at("without_row").size(), 2u);
  EXPECT_EQ(list().at("without_row")[1].at("error").at("message"), "'rollout' is 3x3 here and 2x2 in the rows before");
}

TEST_F(FeaturesNode, AStoppedImageIsNoResultAndAFailedRunLeavesTheEarlierOne) {
  {
    Sink sink(file);
    sink.image(0, {0.5});
    sink.image_failed(1, Reason::Kind::stopped);
    sink.node().close(Outcome::stopped);
  }
  EXPECT_EQ(list().at("rows").size(), 1u);
  EXPECT_TRUE(list().at("without_row").empty());
  Sink sink(file);
  sink.image(0, {0.25});
  sink.node().close(Outcome::failed);
  EXPECT_EQ(tensors().at("probability").item<float>(), 0.5F);
}

TEST_F(FeaturesNode, SaysWhatCannotBe) {
  const auto opening = [&](Sink sink) { return message_of([&] { sink.node().open(); }); };
  write_bytes(folder / "file", "x");
  EXPECT_THAT(opening(Sink(folder / "file/f.safetensors")), HasSubstr("file: cannot be made"));
  EXPECT_THAT(opening(Sink(folder / "f.bin")), HasSubstr("must end in .safetensors"));
  EXPECT_THAT(opening(Sink(file, {"logits"})), HasSubstr("there is nothing to write"));
  EXPECT_THAT(message_of([&] { Sink(file, {"embedding"}); }), HasSubstr("'embedding' is none of: pixel_values"));
  Sink sink(file);
  sink.image(0, {0.5});
  EXPECT_THAT(message_of([&] { sink.node().node().resume(false); }), HasSubstr("run without --resume"));
}

TEST_F(FeaturesNode, ReadsOnlyWhatItWrites) {
  NodeRunner features("features");
  features.set("write", Names{"logits"});
  Names read;
  for (std::size_t i = 0; i < features.node().inputs().size(); ++i)
    if (features.node().reads(static_cast<int>(i))) read.push_back(features.node().inputs()[i].name);
  EXPECT_THAT(read, ElementsAre("path", "faces", "logits"));
}

TEST_F(FeaturesNode, AFullDiskEndsTheRunAndLeavesNothing) {
  // Room for the rows but not for header and rows; then not even for the rows.
  for (const rlim_t bytes : {rlim_t{8900}, rlim_t{100}}) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails with EFBIG, as a full disk does with ENOSPC
      int code = 9;
      try {
        Sink sink(file, {"rollout"});
        sink.image(0, {0.25}, 47);  // 8836 bytes
        const rlimit limit{bytes, bytes};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        sink.node().close();
      } catch (const std::exception& e) {
        code = std::string(e.what()).find("cannot be written: File too large") != std::string::npos ? 7 : 8;
      }
      ::_exit(code);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 7) << bytes;
    EXPECT_THAT(files(), IsEmpty()) << bytes;
  }
}

}  // namespace
}  // namespace dfpipe::detector
