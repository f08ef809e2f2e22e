#include "calibration_file.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "error.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::detector {
namespace {

using dfpipe::testing::ScratchFolder;
using ::testing::HasSubstr;

Calibration some() {
  Calibration c;
  c.model = "m";
  c.model_sha256 = std::string(64, 'b');
  c.temperature = 0.1 + 0.2;
  c.threshold = 1.0 / 3;
  c.rule = "equal errors";
  return c;
}

TEST(CalibrationFile, GivesTheSameNumbersBack) {
  const ScratchFolder folder;
  const Calibration back = read_calibration(folder.write("calibration.json", calibration_text(some())));
  EXPECT_EQ(back.temperature, some().temperature);
  EXPECT_EQ(back.threshold, some().threshold);
  EXPECT_EQ(back.model_sha256, some().model_sha256);
  EXPECT_EQ(back.rule, "equal errors");
}

TEST(CalibrationFile, WhatIsForPeopleMayBeMissing) {
  const ScratchFolder folder;
  const std::string text = R"({"format": 1, "model": "m", "temperature": 2, "threshold": 0.5, "model_sha256": ")" +
                           std::string(64, '0') + "\"}";
  EXPECT_EQ(read_calibration(folder.write("calibration.json", text)).temperature, 2);
}

TEST(CalibrationFile, WhatIsNoneIsRefusedWithTheFileAndTheReason) {
  const ScratchFolder folder;
  const auto refusal = [&](const std::string& key, const nlohmann::json& value) -> std::string {
    auto json = nlohmann::json::parse(calibration_text(some()));
    if (value.is_discarded())
      json.erase(key);
    else
      json[key] = value;
    try {
      read_calibration(folder.write("calibration.json", json.dump()));
    } catch (const ModelError& e) {
      EXPECT_THAT(e.what(), HasSubstr("calibration.json: "));
      return e.what();
    }
    return "read";
  };
  const nlohmann::json nothing(nlohmann::json::value_t::discarded);
  EXPECT_EQ(refusal("notes", nothing), "read");
  EXPECT_THAT(refusal("temperature", nothing), HasSubstr("'temperature' is missing"));
  EXPECT_THAT(refusal("temperature", "hot"), HasSubstr("'temperature' is missing or of the wrong kind"));
  for (const double t : {0.0, -1.0}) EXPECT_THAT(refusal("temperature", t), HasSubstr("must be above 0"));
  for (const double t : {-0.1, 1.1}) EXPECT_THAT(refusal("threshold", t), HasSubstr("must lie in [0,1]"));
  EXPECT_THAT(refusal("threshold", nullptr), HasSubstr("'threshold'"));
  EXPECT_THAT(refusal("model_sha256", "abc"), HasSubstr("no SHA-256"));
  EXPECT_THAT(refusal("format", 2), HasSubstr("format 2 is not known"));
  EXPECT_THAT(refusal("threshold_rule", 3), HasSubstr("'threshold_rule'"));
  EXPECT_THROW(read_calibration(folder.write("calibration.json", "{\"format\": 1")), ModelError);
  EXPECT_THROW(read_calibration(folder / "none.json"), ModelError);
}

TEST(CalibrationFile, LogOddsAreDividedByTheTemperature) {
  Calibration c = some();
  c.temperature = 2;
  EXPECT_DOUBLE_EQ(c.calibrated(0), 0.5);
  EXPECT_DOUBLE_EQ(c.calibrated(2), 0.7310585786300049) << "the logistic function at 1";
  EXPECT_GT(c.calibrated(-1000), -1e-300);
}

}  // namespace
}  // namespace dfpipe::detector
