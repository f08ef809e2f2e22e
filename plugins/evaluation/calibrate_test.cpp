#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "calibration_file.hpp"
#include "dfpipe/error.hpp"
#include "dfpipe/types/prediction.hpp"
#include "dfpipe/types/sample.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::evaluation {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::NodeRunner;
using testing::ScratchFolder;
using Json = nlohmann::json;

const std::string hash(64, 'a');

/// The node that calibrates a model's folder; each call is one picture.
class Sink {
 public:
  explicit Sink(const fs::path& folder, const std::string& trained = "true") : node_("calibrate") {
    node_.set("model", folder).set("replicates", std::int64_t{100});
    node_.facts({{"detector", {{"model", "m"}, {"sha256", hash}, {"trained", trained}}},
                 {"data", {{"list", "def"}, {"data", "d validation: 2 real, 2 fake"}}}});
  }
  NodeRunner& node() { return node_; }
  Sink& picture(std::int64_t label, std::vector<double> log_odds, const std::string& group = "") {
    List<FaceResult> faces;
    for (const double odds : log_odds) {
      FaceResult face;
      face.log_odds = odds;
      face.probability = 1 / (1 + std::exp(-odds));
      faces.push_back(face);
    }
    node_.index(index_++).in("sample", Sample{label, "d", "validation", group, "p.jpg"}).in("faces", faces).run();
    return *this;
  }
  Sink& failed(std::int64_t label) {
    node_.index(index_++).in("sample", Sample{label, "d", "validation", "", "p.jpg"});
    node_.in_failed("faces", "decode", "ends early").run();
    return *this;
  }
  /// Overlapping classes, three times too sure.
  Sink& usual() {
    for (const double odds : {-9.0, -6.0, -3.0, 2.0}) picture(0, {odds});
    for (const double odds : {-2.0, 3.0, 6.0, 9.0}) picture(1, {odds});
    return *this;
  }
  Json calibration(const ScratchFolder& folder) {
    node_.close();
    return Json::parse(folder.read("calibration.json"));
  }

 private:
  NodeRunner node_;
  std::uint64_t index_ = 0;
};

std::vector<std::string> notes(const Json& json) { return json["notes"].get<std::vector<std::string>>(); }

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

TEST(Calibrate, StoresTemperatureAndThresholdWithWhatTheyWereMadeFrom) {
  const ScratchFolder folder;
  const Json json = Sink(folder.path()).usual().failed(0).calibration(folder);
  EXPECT_EQ(json["model_sha256"], hash);
  EXPECT_GT(json["temperature"], 1.5);
  EXPECT_LT(json["temperature_interval"][0], json["temperature"]);
  EXPECT_LT(json["after"]["log_loss"], json["before"]["log_loss"]);
  EXPECT_LT(json["after"]["brier"], json["before"]["brier"]);
  EXPECT_NEAR(json["raw_threshold"], 0.5, 1e-12) << "half way between -2 and 2";
  EXPECT_NEAR(json["threshold"], 0.5, 1e-12);
  EXPECT_EQ(json["threshold_rule"], "equal errors");
  EXPECT_EQ(json["at_threshold"]["false_alarms"], 0.25);
  EXPECT_EQ(json["fitted_on"]["pictures"], 9);
  EXPECT_EQ(json["fitted_on"]["scored_real"], 4);
  EXPECT_EQ(json["fitted_on"]["list"], "def");
  EXPECT_THAT(notes(json), ::testing::ElementsAre("1 of 9 pictures have no score and play no part."));
  const detector::Calibration read = detector::read_calibration(folder / "calibration.json");
  EXPECT_EQ(read.temperature, json["temperature"].get<double>());
  EXPECT_EQ(read.threshold, json["threshold"].get<double>());
}

TEST(Calibrate, TheThresholdFollowsTheRuleAndCallsTheSamePicturesBeforeAndAfter) {
  const ScratchFolder folder;
  Sink sink(folder.path());
  sink.node().set("threshold", std::string("false-alarms")).set("most_false_alarms", 0.0);
  const Json json = sink.usual().calibration(folder);
  EXPECT_NEAR(json["raw_threshold"], 1 / (1 + std::exp(-2.5)), 1e-12) << "between the genuine 2 and the fake 3";
  EXPECT_NEAR(json["threshold"], 1 / (1 + std::exp(-2.5 / json["temperature"].get<double>())), 1e-12);
  EXPECT_EQ(json["at_threshold"]["fakes_found"], 0.75);
  EXPECT_EQ(json["threshold_rule"], "at most 0 false alarms");
  EXPECT_THAT(notes(json), Contains(HasSubstr("less than one of 4 genuine pictures")));
}

TEST(Calibrate, OfSeveralFacesTheMostSuspiciousCounts) {
  const ScratchFolder one, several;
  const Json alone = Sink(one.path()).usual().picture(1, {1}).calibration(one);
  const Json among = Sink(several.path()).usual().picture(1, {-5, 1, -4}).calibration(several);
  EXPECT_EQ(alone["temperature"], among["temperature"]);
}

TEST(Calibrate, BoundsAndScoresThatSayNothingAreNoted) {
  const ScratchFolder apart, equal;
  const Json separable = Sink(apart.path()).picture(0, {-1}).picture(1, {1}).picture(1, {2}).calibration(apart);
  EXPECT_EQ(separable["temperature"], 0.05);
  EXPECT_THAT(notes(separable), Contains(HasSubstr("held at its lower bound, 0.05")));
  const Json flat = Sink(equal.path(), "false").picture(0, {0}).picture(1, {0}).calibration(equal);
  EXPECT_EQ(flat["temperature"], 1);
  EXPECT_TRUE(flat["temperature_interval"].is_null());
  EXPECT_THAT(notes(flat), Contains(HasSubstr("Every score is 0.5")));
  EXPECT_THAT(notes(flat), Contains(HasSubstr("'m' is not trained")));
}

TEST(Calibrate, WithoutBothClassesAnEarlierFileStays) {
  const ScratchFolder folder;
  folder.write("calibration.json", "earlier");
  Sink nothing(folder.path());
  nothing.node().open();
  EXPECT_THROW(nothing.node().close(), Fatal);
  Sink real(folder.path());
  real.picture(0, {1}).failed(1);
  EXPECT_THAT(refusal([&] { real.node().close(); }), HasSubstr("of 2 pictures there are 1 and 0"));
  Sink stopped(folder.path());
  stopped.usual().node().close(Outcome::stopped);
  EXPECT_EQ(folder.read("calibration.json"), "earlier");
}

TEST(Calibrate, PicturesOfOnePersonWidenTheInterval) {
  const ScratchFolder single, groups;
  Sink alone(single.path()), together(groups.path());
  for (int i = 0; i < 20; ++i) {
    const std::string group = std::to_string(i / 10);
    for (Sink* sink : {&alone, &together})
      sink->picture(i % 2, {(i % 2 ? 4.0 : -4.0) * (i % 5 == 0 ? -1 : 1) * (i < 10 ? 1 : 0.3)},
                    sink == &together ? group : "");
  }
  const auto width = [](const Json& json) {
    return json["temperature_interval"][1].get<double>() - json["temperature_interval"][0].get<double>();
  };
  const Json one = alone.calibration(single), two = together.calibration(groups);
  EXPECT_EQ(one["temperature"], two["temperature"]);
  EXPECT_EQ(two["fitted_on"]["groups"], 2);
  EXPECT_NE(width(one), width(two));
}

TEST(Calibrate, AFolderThatCannotBeWrittenIsRefusedBeforeTheRun) {
  const ScratchFolder folder;
  folder.write("file");
  Sink inside_a_file(folder / "file");
  EXPECT_THAT(refusal([&] { inside_a_file.node().open(); }), HasSubstr("file/calibration.json"));
  fs::create_directories(folder / "calibration.json");
  Sink onto_a_folder(folder.path());
  EXPECT_THAT(refusal([&] { onto_a_folder.node().open(); }), HasSubstr("is a folder, a file is wanted"));
  NodeRunner no_model("calibrate");
  no_model.set("model", folder.path());
  EXPECT_THAT(refusal([&] { no_model.open(); }), HasSubstr("no detector in this pipeline"));
}

[[noreturn]] void calibrate_on_a_full_disk(const ScratchFolder& folder) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails with EFBIG, as a full disk does with ENOSPC
  Sink sink(folder.path());
  sink.usual();
  const rlimit limit{.rlim_cur = 100, .rlim_max = 100};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string why = refusal([&] { sink.node().close(); });
  std::_Exit(why.find("calibration.json: cannot be written: File too large") != std::string::npos ? 0 : 1);
}

TEST(Calibrate, AFullDiskLeavesTheEarlierFileAndNothingElse) {
  const ScratchFolder folder;
  folder.write("calibration.json", "earlier");
  EXPECT_EXIT(calibrate_on_a_full_disk(folder), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(folder.read("calibration.json"), "earlier");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace dfpipe::evaluation
