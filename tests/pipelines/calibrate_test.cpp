#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "predict_run.hpp"

/// pipelines/calibrate.yaml from outside, and what becomes of its file.
namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path data = fs::path(DFPIPE_SOURCE_DIR) / "tests/data";

/// The original's trained model, to calibrate on its pictures.
class Calibrate : public ::testing::Test {
 protected:
  Calibrate() { fs::copy(data / "detector/original", model, fs::copy_options::recursive); }

  Finished run(const std::string& pipeline, const std::vector<std::string>& more) const {
    std::vector<std::string> argv{DFPIPE_BINARY,     "run",   "pipelines/" + pipeline,
                                  "--deterministic", "--set", "model=" + model.string()};
    argv.insert(argv.end(), more.begin(), more.end());
    return run_process(argv, {.cwd = DFPIPE_SOURCE_DIR, .limit = std::chrono::seconds(250)});
  }
  Finished calibrate(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--set", "ds1=" + (data / "evaluation/ds1").string(), "--set",
                                 "ds2=" + (data / "evaluation/ds2").string()};
    all.insert(all.end(), more.begin(), more.end());
    return run("calibrate.yaml", all);
  }
  Finished evaluate(const std::string& output) const {
    return run("evaluate.yaml", {"--set", "ds1=" + (data / "evaluation/ds1").string(), "--set",
                                 "ds2=" + (data / "evaluation/ds2").string(), "--set", "split=validation", "--set",
                                 "output=" + (folder / output).string()});
  }
  Json stored() const { return Json::parse(read_text(model / "calibration.json")); }

  ScratchFolder folder;
  const fs::path model = folder / "model";
};

TEST_F(Calibrate, TheModelsFolderHoldsTheFileAndEveryLaterRunShowsBothProbabilities) {
  ASSERT_EQ(evaluate("before").exit_code, 0);
  const Finished f = calibrate();
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Json calibration = stored();
  const Json before = Json::parse(read_text(folder / "before/metrics.json"));
  EXPECT_EQ(calibration["model_sha256"], before["model"]["sha256"]);
  EXPECT_EQ(calibration["fitted_on"]["list"], before["data"]["list"]);
  EXPECT_NEAR(calibration["before"]["log_loss"], before["all"]["metrics"]["log_loss"]["value"].get<double>(), 1e-6);
  EXPECT_TRUE(before["calibrated"].is_null());

  ASSERT_EQ(evaluate("after").exit_code, 0);
  const Json after = Json::parse(read_text(folder / "after/metrics.json"));
  EXPECT_EQ(after["all"], before["all"]) << "the raw probabilities stay as they are";
  EXPECT_EQ(after["calibrated"]["threshold"], calibration["threshold"]);
  for (const char* number : {"log_loss", "brier", "ece_positive"})
    EXPECT_NEAR(after["calibrated"]["metrics"][number]["value"], calibration["after"][number].get<double>(), 1e-9)
        << number;
  EXPECT_NEAR(after["calibrated"]["metrics"]["recall"]["value"],
              calibration["at_threshold"]["fakes_found"].get<double>(), 1e-12);

  ASSERT_EQ(predict(samples(), folder / "predicted", {"--set", "model=" + model.string()}).exit_code, 0);
  for (const Json& line : predictions(folder / "predicted"))
    for (const Json& face : line["faces"]) {
      EXPECT_TRUE(face["calibrated"].is_number());
      EXPECT_EQ(face["calibrated_label"] == "Deepfake", face["calibrated"] >= calibration["threshold"]);
    }
}

TEST_F(Calibrate, TheSameRunGivesTheSameBytesAndAnotherPlaceWhenAsked) {
  ASSERT_EQ(calibrate({"--threads", "1"}).exit_code, 0);
  const std::string out = (folder / "there/mine.json").string();
  ASSERT_EQ(calibrate({"--threads", "4", "--set", "output=" + out}).exit_code, 0);
  EXPECT_EQ(read_text(model / "calibration.json"), read_text(out));
}

TEST_F(Calibrate, AnEvaluationUnderWayIsNotContinuedWithAnotherCalibration) {
  ASSERT_EQ(evaluate("out").exit_code, 0);
  ASSERT_EQ(calibrate().exit_code, 0);
  const Finished f = run("evaluate.yaml", {"--set", "ds1=" + (data / "evaluation/ds1").string(), "--set",
                                           "ds2=" + (data / "evaluation/ds2").string(), "--set", "split=validation",
                                           "--set", "output=" + (folder / "out").string(), "--resume"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, HasSubstr("the earlier run had another configuration or other model files"));
}

TEST_F(Calibrate, OfOtherWeightsItIsPassedOverWithAWarning) {
  Json foreign = {{"format", 1}, {"model", "m"}, {"temperature", 2}, {"threshold", 0.5}};
  foreign["model_sha256"] = std::string(64, '0');
  folder.write("model/calibration.json", foreign.dump());
  const Finished f = evaluate("out");
  EXPECT_EQ(f.exit_code, 0);
  EXPECT_THAT(f.err, HasSubstr("calibration.json: belongs to other weights (000000000000"));
  EXPECT_TRUE(Json::parse(read_text(folder / "out/metrics.json"))["calibrated"].is_null());
}

TEST_F(Calibrate, WithoutPicturesOfBothClassesThereIsNoFile) {
  const Finished none = calibrate({"--set", "split=test"});
  EXPECT_NE(none.exit_code, 0);
  EXPECT_FALSE(fs::exists(model / "calibration.json"));
  fs::create_directories(folder / "one/Validation/Real");
  fs::copy_file(samples() / "real_0001.jpg", folder / "one/Validation/Real/a.jpg");
  const Finished one = run("calibrate.yaml", {"--set", "ds1=" + (folder / "one").string()});
  EXPECT_EQ(one.exit_code, 1);
  EXPECT_THAT(one.err, HasSubstr("of 1 pictures there are 1 and 0"));
  EXPECT_FALSE(fs::exists(model / "calibration.json"));
}

}  // namespace
}  // namespace dfpipe::testing
