#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "codec.hpp"
#include "testing/assets.hpp"
#include "testing/process.hpp"
#include "testing/toolbox.hpp"

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

Finished data(std::vector<std::string> arguments) {
  static const Toolbox toolbox({"datasets.so"});
  arguments.insert(arguments.begin(), "data");
  return run_process(toolbox.command_line(std::move(arguments)));
}

std::string jpeg(int seed) {
  cv::Mat picture(64, 64, CV_8UC3, cv::Scalar::all(30));
  cv::RNG random(static_cast<std::uint64_t>(seed) + 1);
  for (int i = 0; i < 9; ++i)
    cv::circle(picture, {random.uniform(0, 64), random.uniform(0, 64)}, random.uniform(4, 16),
               cv::Scalar::all(random.uniform(60, 255)), -1);
  const auto file = codec::encode_jpeg(picture, 90);
  return {file.begin(), file.end()};
}

/// Eight pictures, all different.
void write_set(const ScratchFolder& folder) {
  int seed = 0;
  for (const char* split : {"Train", "Test"})
    for (const char* label : {"Real", "Fake"})
      for (const char* name : {"1.jpg", "2.jpg"})
        folder.write(std::string("set/") + split + "/" + label + "/" + name, jpeg(++seed));
}

TEST(DataScan, WritesAManifestThatIsTheSameForAnyNumberOfThreads) {
  const ScratchFolder folder;
  write_set(folder);
  std::string first;
  for (const char* threads : {"1", "4"}) {
    const Finished f =
        data({"scan", (folder / "set").string(), "--to", (folder / "m.csv").string(), "--threads", threads});
    EXPECT_EQ(f.exit_code, 0) << f.err;
    EXPECT_THAT(f.out, HasSubstr("     2       2  set, test\n     2       2  set, train\n"));
    const std::string text = folder.read("m.csv");
    EXPECT_THAT(text, HasSubstr("set/Train/Fake/1.jpg,fake,set,train,,"));
    if (first.empty()) first = text;
    EXPECT_EQ(text, first);
  }
  EXPECT_EQ(data({"scan", (folder / "m.csv").string()}).exit_code, 0) << "a manifest can be scanned too";
}

TEST(DataScan, AFileThatCannotBeReadIsNamedAndGivesThree) {
  const ScratchFolder folder;
  write_set(folder);
  fs::create_symlink("nowhere", folder / "set/Test/Fake/0.jpg");
  const Finished f = data({"scan", (folder / "set").string(), "--to", (folder / "m.jsonl").string()});
  EXPECT_EQ(f.exit_code, 3);
  EXPECT_THAT(f.err, HasSubstr("set/Test/Fake/0.jpg: the file cannot be read"));
  EXPECT_EQ(folder.lines("m.jsonl").size(), 9u);
}

TEST(DataScan, WrongUsageGivesTwo) {
  EXPECT_EQ(data({"scan"}).exit_code, 2);
  EXPECT_EQ(data({"scan", ".", "--to", "m.txt"}).exit_code, 2);
  EXPECT_EQ(data({"scan", "none"}).exit_code, 1);
}

TEST(DataAudit, NothingFoundGivesZeroAndEachFindingThree) {
  const ScratchFolder folder;
  write_set(folder);
  const Finished sound = data({"audit", (folder / "set").string()});
  EXPECT_EQ(sound.exit_code, 0) << sound.out << sound.err;
  EXPECT_THAT(sound.out, HasSubstr("nothing found"));

  folder.write("set/Test/Fake/3.jpg", jpeg(1));
  folder.write("set/Test/Real/3.jpg", "no picture");
  const Finished bad = data({"audit", (folder / "set").string()});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.out, HasSubstr("FOUND  set/Test/Real/3.jpg: not_an_image: "));
  EXPECT_THAT(bad.out, HasSubstr("FOUND  the same file in two splits and with two labels: set/Train/Real/1.jpg (train, "
                                 "real), set/Test/Fake/3.jpg (test, fake)"));
  const auto json = nlohmann::json::parse(data({"audit", (folder / "set").string(), "--json"}).out);
  EXPECT_EQ(json.at("findings"), 2);
  EXPECT_EQ(json.at("equal_files").at(0).at("paths").size(), 2u);
}

TEST(DataAudit, FindsTheLeaksThatThePublishedSetHas) {
  if (const std::string why = dfpipe::testing::why_no_asset("realfake/manifest.csv"); !why.empty()) GTEST_SKIP() << why;
  const fs::path manifest = dfpipe::testing::assets() / "realfake/manifest.csv";
  const Finished f = data({"audit", manifest.string(), "--group-column", "person_group", "--json"});
  EXPECT_EQ(f.exit_code, 3);
  const auto json = nlohmann::json::parse(f.out);
  EXPECT_TRUE(json.at("equal_files").empty());
  EXPECT_TRUE(json.at("groups_in_several_splits").empty());
  for (const auto& leak : json.at("leaks")) {
    if (leak.at("measure") != "file size" || leak.at("dataset") == "all data sets") continue;
    const bool web = leak.at("dataset") == "web-sfhq";
    EXPECT_NEAR(leak.at("auc"), web ? 0.24 : 0.49, 0.005);
    EXPECT_NEAR(leak.at("chance")[0], web ? 0.39 : 0.35, 0.005);
    EXPECT_EQ(leak.at("found"), web);
  }
}

}  // namespace
}  // namespace dfpipe::testing
