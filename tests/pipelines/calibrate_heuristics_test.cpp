#include <gmock/gmock.h>

#include "predict_run.hpp"

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Finished calibrate(const fs::path& file, const std::vector<std::string>& more = {}) {
  std::vector<std::string> argv = {DFPIPE_BINARY, "run", "pipelines/calibrate-heuristics.yaml", "--set",
                                   "output=" + file.string()};
  argv.insert(argv.end(), more.begin(), more.end());
  return run_process(argv, {.limit = std::chrono::seconds(250)});
}

TEST(CalibrateHeuristics, MakesAReferenceThatPredictUses) {
  const ScratchFolder out;
  const std::vector<std::string> few = {"--set", "reference.least_faces=4"};
  const Finished made = calibrate(out / "new/r.yaml", few);
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::string text = out.read("new/r.yaml");
  EXPECT_THAT(text, HasSubstr("faces: 9\n"));
  EXPECT_THAT(text, HasSubstr("'detector': 'dlib"));

  const fs::path reference = out / "new/r.yaml";
  const Finished f = predict(samples(), out / "out", {"--set", "per-face/measure.reference=" + reference.string()});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.err, HasSubstr("reference_faces 9"));
  for (const Json& line : predictions(out / "out"))
    for (const Json& face : line.at("faces"))
      for (const char* name : {"symmetry", "eyes", "texture", "edges", "lighting", "noise"})
        EXPECT_TRUE(face.at("heuristics").at(name).at("validity").is_number()) << name;
}

TEST(CalibrateHeuristics, GivesTheSameBytesForAnyNumberOfThreads) {
  const ScratchFolder out;
  for (const std::string threads : {"1", "2"})
    ASSERT_EQ(calibrate(out / threads, {"--set", "reference.least_faces=4", "--threads", threads}).exit_code, 0);
  EXPECT_EQ(out.read("1"), out.read("2"));
}

TEST(CalibrateHeuristics, TooFewFacesWriteNothingAndSaySo) {
  const ScratchFolder out;
  const Finished f = calibrate(out / "r.yaml");
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, HasSubstr("node 'reference': too few faces: of 9, "));
  EXPECT_FALSE(fs::exists(out / "r.yaml"));
}

TEST(CalibrateHeuristics, AWrongReferenceEndsTheRunBeforeTheFirstPicture) {
  const ScratchFolder out;
  const fs::path wrong = out.write("wrong.yaml", "faces: many\nsource: {}\nmeasures: {}\n");
  const Finished f = predict(samples(), out / "out", {"--set", "per-face/measure.reference=" + wrong.string()});
  EXPECT_NE(f.exit_code, 0);
  EXPECT_THAT(f.err, HasSubstr("wrong.yaml:1:8: error: 'faces' must be a whole number above 0"));
}

}  // namespace
}  // namespace dfpipe::testing
