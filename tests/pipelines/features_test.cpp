#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "predict_run.hpp"
#include "test_tensors.hpp"

namespace dfpipe::testing {
namespace {

using detector::testing::close;
using detector::testing::data;
using detector::testing::load_all;
using ::testing::HasSubstr;
using Tensors = std::map<std::string, at::Tensor>;
namespace fs = std::filesystem;

class Features : public ::testing::Test {
 protected:
  Finished run(const fs::path& input, std::vector<std::string> more = {},
               const fs::path& pipeline = "pipelines/features.yaml") {
    std::vector<std::string> all{DFPIPE_BINARY,
                                 "run",
                                 pipeline.string(),
                                 "--set",
                                 "input=" + input.string(),
                                 "--set",
                                 "output=" + file().string()};
    all.insert(all.end(), more.begin(), more.end());
    return run_process(all);
  }
  fs::path file() const { return scratch_ / "out" / "f.safetensors"; }
  Json list() const {
    std::ifstream in(scratch_ / "out" / "f.json");
    return Json::parse(in);
  }
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch_ / "out")) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }
  const std::vector<std::string> original_{"--set", "model=" + (data / "original").string(), "--set",
                                           "precropped=true"};
  ScratchFolder scratch_;
};

TEST_F(Features, AreTheOriginalsForItsPictures) {
  std::vector<std::string> options = original_;
  options.insert(options.end(), {"--set", "per-face/rollout.order=reversed"});
  const Finished f = run(data / "original_images", options);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const Tensors all = load_all(file());
  const auto expected = load_all(data / "original_expected.safetensors");
  const Json rows = list().at("rows");
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(all.size(), 8u);
  std::string before;
  for (std::int64_t i = 0; i < 6; ++i) {
    const Json& row = rows.at(static_cast<std::size_t>(i));
    const std::string path = row.at("file"), name = fs::path(path).stem();
    EXPECT_LT(before, path) << "rows stand in name order";
    before = path;
    EXPECT_EQ(row.at("detector"), "precropped");
    const at::Tensor fused = all.at("fused")[i];
    EXPECT_TRUE(close(fused, expected.at(name + ".fused"), 1e-4)) << name;
    EXPECT_TRUE(at::equal(fused, at::cat({all.at("clip_embed")[i], all.at("fft_embed")[i]}))) << name;
    EXPECT_TRUE(close(all.at("logits")[i], expected.at(name + ".logits"), 2e-4)) << name;
    EXPECT_TRUE(close(all.at("probability")[i], expected.at(name + ".probabilities")[1], 2e-5)) << name;
    EXPECT_TRUE(close(all.at("rollout")[i], expected.at(name + ".rollout_cam"), 1e-4)) << name;
    if (name != "tiny") continue;
    EXPECT_TRUE(close(all.at("spectrum")[i][0], expected.at("tiny.fft_mag"), 5e-4));
    for (std::int64_t c = 0; c < 3; ++c) {
      const at::Tensor crop = expected.at("tiny.crop_u8")[c].flatten().to(at::kLong);
      EXPECT_TRUE(close(all.at("pixel_values")[i][c].flatten(), expected.at("lut")[c].index_select(0, crop), 1e-6))
          << c;
    }
  }
}

TEST_F(Features, AreTheSameBytesForAnyNumberOfThreads) {
  std::vector<std::string> options = original_;
  options.insert(options.end(), {"--deterministic", "--threads", "1"});
  ASSERT_EQ(run(data / "original_images", options).exit_code, 0);
  const std::string one = detector::testing::read_bytes(file());
  const std::string rows = detector::testing::read_bytes(scratch_ / "out/f.json");
  options.back() = "2";
  ASSERT_EQ(run(data / "original_images", options).exit_code, 0);
  EXPECT_TRUE(one == detector::testing::read_bytes(file()));
  EXPECT_EQ(rows, detector::testing::read_bytes(scratch_ / "out/f.json"));
}

TEST_F(Features, APictureThatFailsHasNoRowAndItsReason) {
  fs::create_directories(scratch_ / "in");
  for (const char* const name : {"exact.png", "tiny.png"})
    fs::copy(data / "original_images" / name, scratch_ / "in" / name);
  const std::string whole = detector::testing::read_bytes(data / "original_images/exact.png");
  detector::testing::write_bytes(scratch_ / "in/middle.png", whole.substr(0, whole.size() / 2));
  const Finished f = run(scratch_ / "in", original_);
  EXPECT_EQ(f.exit_code, 3) << f.err;
  EXPECT_EQ(load_all(file()).at("logits").sizes(), at::IntArrayRef({2, 2}));
  const Json without = list().at("without_row");
  ASSERT_EQ(without.size(), 1u);
  EXPECT_THAT(without[0].at("file"), HasSubstr("middle.png"));
  EXPECT_EQ(without[0].at("error").at("code"), "truncated");
}

TEST_F(Features, WhatIsNotWrittenIsNotComputed) {
  std::vector<std::string> options = original_;
  options.insert(options.end(), {"--set", "write=[pixel_values, spectrum]", "--json"});
  const Finished f = run(data / "original_images", options);
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(load_all(file()).size(), 2u);
  EXPECT_EQ(calls(f, "per-face/judge/fft"), 6u);
  for (const char* const node : {"judge/clip", "judge/spectrum", "judge/fuse", "rollout"})
    EXPECT_EQ(calls(f, std::string("per-face/") + node), 0u) << node;
}

TEST_F(Features, EachFaceIsARowWithItsPlaceAndItsScore) {
  const Finished f = run(samples());
  ASSERT_EQ(f.exit_code, 0) << f.err;
  ASSERT_EQ(predict(samples(), scratch_ / "predicted").exit_code, 0);
  const at::Tensor probability = load_all(file()).at("probability");
  const Json rows = list().at("rows");
  std::size_t row = 0;
  std::vector<std::string> without;
  for (const Json& line : predictions(scratch_ / "predicted")) {
    if (line.at("faces").empty()) without.push_back(line.at("file"));
    for (std::size_t face = 0; face < line.at("faces").size(); ++face, ++row) {
      ASSERT_LT(row, rows.size());
      EXPECT_EQ(rows[row].at("file"), line.at("file"));
      EXPECT_EQ(rows[row].at("face"), face);
      for (const char* const key : {"box", "crop", "detector"})
        EXPECT_EQ(rows[row].at(key), line.at("faces")[face].at(key));
      EXPECT_NEAR(probability[static_cast<std::int64_t>(row)].item<double>(),
                  line.at("faces")[face].at("probability").get<double>(), 1e-5);
    }
  }
  EXPECT_EQ(row, rows.size());
  EXPECT_GE(row, 5u);
  ASSERT_EQ(list().at("without_row").size(), without.size());
  for (std::size_t i = 0; i < without.size(); ++i) {
    EXPECT_EQ(list().at("without_row")[i].at("file"), without[i]);
    EXPECT_EQ(list().at("without_row")[i].at("error").at("code"), "no_face");
  }
}

TEST_F(Features, BothFilesReplaceEarlierOnesAndNothingElseIsLeft) {
  ASSERT_EQ(run(data / "original_images", original_).exit_code, 0);
  ASSERT_EQ(run(data / "original_images/tiny.png", original_).exit_code, 0);
  EXPECT_EQ(load_all(file()).at("logits").size(0), 1);
  EXPECT_EQ(list().at("rows").size(), 1u);
  EXPECT_THAT(entries(), ::testing::ElementsAre("f.json", "f.safetensors"));
}

TEST_F(Features, WhatCannotBeWrittenIsSaidBeforeTheFirstPicture) {
  const Finished name = run(samples(), {"--set", "table.file=out/features.bin"});
  EXPECT_EQ(name.exit_code, 1);
  EXPECT_THAT(name.err, HasSubstr("must end in .safetensors"));
  detector::testing::write_bytes(scratch_ / "file", "x");
  const Finished folder = run(samples(), {"--set", "table.file=" + (scratch_ / "file/f.safetensors").string()});
  EXPECT_EQ(folder.exit_code, 1);
  EXPECT_THAT(folder.err, HasSubstr("cannot be made"));
}

TEST_F(Features, WhatCannotBeIsSaid) {
  fs::create_directories(scratch_ / "empty");
  EXPECT_NE(run(scratch_ / "empty").exit_code, 0);
  EXPECT_FALSE(fs::exists(file()));

  const Finished unknown = run(samples(), {"--set", "write=[logits, embeddings]"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, ::testing::AllOf(HasSubstr("'embeddings' is none of"), HasSubstr("clip_embed")));

  fs::copy(data / "original", scratch_ / "model", fs::copy_options::recursive);
  detector::testing::write_bytes(
      scratch_ / "model/preprocessor_config.json",
      R"({"do_resize": true, "size": {"shortest_edge": 64}, "do_center_crop": true, "crop_size": 64})");
  const Finished other = run(samples(), {"--set", "model=" + (scratch_ / "model").string()});
  EXPECT_NE(other.exit_code, 0);
  EXPECT_THAT(other.err, HasSubstr("gives pictures of 64x64, but the model wants another size"));

  ASSERT_EQ(run(data / "original_images", original_).exit_code, 0);
  const std::string before = detector::testing::read_bytes(file());
  const Finished again = run(samples(), {"--resume"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("cannot be continued; run without --resume"));
  EXPECT_TRUE(detector::testing::read_bytes(file()) == before) << "the result there is left alone";
}

/// Many pictures; a signal when the run is under way.
class InterruptedFeatures : public Features {
 protected:
  int end_by(int signal) {
    many_images(scratch_ / "in", 400);
    Process process({DFPIPE_BINARY, "run", "pipelines/features.yaml", "--set", "input=" + (scratch_ / "in").string(),
                     "--set", "output=" + file().string()});
    while (process.running() && !fs::exists(scratch_ / "out")) usleep(10'000);
    usleep(1'000'000);
    process.signal(signal);
    return process.wait().exit_code;
  }
};

TEST_F(InterruptedFeatures, OfAKilledRunNothingIsLeft) {
  EXPECT_EQ(end_by(SIGKILL), 137);
  EXPECT_THAT(entries(), ::testing::IsEmpty());
}

TEST_F(InterruptedFeatures, OfAStoppedRunTheRowsThatWereDoneAreWritten) {
  EXPECT_EQ(end_by(SIGINT), 130);
  const std::size_t rows = list().at("rows").size();
  EXPECT_LT(rows, 400u);
  EXPECT_EQ(load_all(file()).at("fused").size(0), static_cast<std::int64_t>(rows));
  for (const Json& entry : list().at("without_row")) EXPECT_EQ(entry.at("error").at("code"), "no_face") << entry;
}

}  // namespace
}  // namespace dfpipe::testing
