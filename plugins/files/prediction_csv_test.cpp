#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "predictions_testing.hpp"

namespace {

using namespace dfpipe;
using namespace dfpipe::files;
using dfpipe::testing::ScratchFolder;
using ::testing::StartsWith;

TEST(PredictionCsv, IsMadeFromTheLines) {
  const ScratchFolder folder;
  Sink sink(folder);
  FaceResult bad = face(0.75);
  bad.problems = {"node 'rollout': no", "node 'x': \"y\""};
  bad.heatmap = nullptr;
  bad.heuristics = {};
  sink.failed(0);
  sink.image(1, {bad, face(0.25)});
  sink.node().index(2).in("path", std::string("=1+1,\"x\"\n.jpg")).in("image", info()).in("faces", List<FaceResult>());
  sink.node().run();
  sink.close();
  EXPECT_EQ(
      folder.read("predictions.csv"),
      "file,sha256,width,height,face,x,y,w,h,detector,detector_score,label,probability,error,model,trained,"
      "heatmap,texture,edge_natural\r\n"
      "p/0.jpg,,,,,,,,,,,,,decode: truncated: the file ends early,,,,,\r\n"
      "p/1.jpg,abc,640,480,0,1.5,2.0,30.0,40.0,dlib,0.25,Deepfake,0.75,\"node 'rollout': no; node 'x': "
      "\"\"y\"\"\",demo,false,,,\r\n"
      "p/1.jpg,abc,640,480,1,1.5,2.0,30.0,40.0,dlib,0.25,Realism,0.25,,demo,false,heatmaps/00000001_1.png,12.5,\r\n"
      "\"=1+1,\"\"x\"\"\n.jpg\",abc,640,480,,,,,,,,,,,demo,false,,,\r\n");
}

TEST(PredictionCsv, ACalibratedModelHasTwoColumnsMore) {
  const ScratchFolder folder;
  Sink sink(folder);
  FaceResult f = face(0.75);
  f.heuristics = {};
  f.calibrated = 0.625;
  f.calibrated_label = "Realism";
  sink.failed(0);
  sink.image(1, {f});
  sink.close();
  EXPECT_THAT(folder.lines("predictions.csv")[0],
              ::testing::HasSubstr(",label,probability,calibrated_label,calibrated,error,"));
  EXPECT_THAT(folder.lines("predictions.csv")[2], ::testing::HasSubstr(",Deepfake,0.75,Realism,0.625,,"));
  EXPECT_THAT(folder.lines("predictions.jsonl")[1],
              ::testing::HasSubstr(
                  R"("label":"Deepfake","probability":0.75,"calibrated_label":"Realism","calibrated":0.625,)"));
}

TEST(PredictionCsv, RunsNoFormulasWhereThatIsWanted) {
  const ScratchFolder folder;
  Sink sink(folder);
  sink.node().set("csv_safe", true);
  FaceResult left = face(0.5);
  left.box[0] = -3;
  for (const std::string name : {"=HYPERLINK(1)", "@x", "-1+1", "a=b"}) {
    static std::uint64_t index = 0;
    sink.node().index(index++).in("path", name).in("image", info()).in("faces", faces({left}));
    sink.node().run();
  }
  sink.close();
  const auto rows = folder.lines("predictions.csv");
  EXPECT_THAT(rows[1], StartsWith("'=HYPERLINK(1),abc,640,480,0,-3.0,")) << "a number is no formula";
  EXPECT_THAT(rows[2], StartsWith("'@x,"));
  EXPECT_THAT(rows[3], StartsWith("'-1+1,"));
  EXPECT_THAT(rows[4], StartsWith("a=b,"));
}

}  // namespace
