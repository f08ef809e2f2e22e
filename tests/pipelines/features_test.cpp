#include <gmock/gmock.h>

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
  options.back() = "2";
  ASSERT_EQ(run(data / "original_images", options).exit_code, 0);
  EXPECT_TRUE(one == detector::testing::read_bytes(file()));
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

TEST_F(Features, WhatIsNotConnectedIsNotComputed) {
  std::ifstream in("pipelines/features.yaml");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const char* const line : {"      rollout: per-face.heatmap\n", "      spectrum: per-face.spectrum\n",
                                 "      pixel_values: per-face.pixels\n"}) {
    ASSERT_NE(text.find(line), std::string::npos);
    text.erase(text.find(line), std::string(line).size());
  }
  const std::string part = "parts/embed-face.yaml";
  text.replace(text.find(part), part.size(), fs::absolute("pipelines/parts/embed-face.yaml").string());
  detector::testing::write_bytes(scratch_ / "features.yaml", text);
  std::vector<std::string> options = original_;
  for (std::string& option : options)
    if (option.starts_with("model=")) option = "model=" + fs::absolute(data / "original").string();
  options.emplace_back("--json");
  const Finished f = run(data / "original_images", options, scratch_ / "features.yaml");
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(load_all(file()).size(), 5u);
  EXPECT_EQ(calls(f, "per-face/rollout"), 0u);
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

}  // namespace
}  // namespace dfpipe::testing
