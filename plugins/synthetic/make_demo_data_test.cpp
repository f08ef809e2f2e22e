#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "testing/process.hpp"
#include "testing/toolbox.hpp"

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;

const Toolbox& toolbox() {
  static const Toolbox box({"synthetic.so", "image.so", "datasets.so"});
  return box;
}

Finished make(const fs::path& output, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"run", "pipelines/make-demo-data.yaml", "--set", "output=" + output.string()};
  for (const std::string& setting : more) arguments.insert(arguments.end(), {"--set", setting});
  return run_process(toolbox().command_line(std::move(arguments)), {.cwd = DFPIPE_SOURCE_DIR});
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all[fs::relative(entry.path(), folder).string()] = read_text(entry.path());
  return all;
}

TEST(MakeDemoData, TheAuditOfASetWithFilesOfEqualSizeFindsNothing) {
  const ScratchFolder out;
  const Finished made = make(out / "set", {"train=120", "validation=16", "test=48", "equal_bytes=true"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const Finished audit = run_process(
      toolbox().command_line({"data", "audit", (out / "set/camera-a").string(), (out / "set/camera-b").string()}));
  EXPECT_EQ(audit.exit_code, 0) << audit.out;
  EXPECT_THAT(audit.out, ::testing::HasSubstr("368 pictures: camera-a test: 24 real, 24 fake;"));
  EXPECT_THAT(audit.out, ::testing::HasSubstr("bytes per pixel"));
  EXPECT_THAT(audit.out, ::testing::Not(::testing::HasSubstr("LEAK")));
}

TEST(MakeDemoData, TheBytesDoNotDependOnThreadsNorOnTheSizeOfTheSet) {
  const ScratchFolder out;
  ASSERT_EQ(make(out / "one", {"train=4", "validation=0", "test=2"}).exit_code, 0);
  ASSERT_EQ(make(out / "more", {"train=6", "validation=2", "test=2"}).exit_code, 0);
  const auto one = contents(out / "one"), more = contents(out / "more");
  EXPECT_EQ(one.size(), 12u);
  EXPECT_EQ(more.size(), 20u);
  for (const auto& [name, bytes] : one) EXPECT_TRUE(more.at(name) == bytes) << name;
  EXPECT_TRUE(one.contains("camera-a/Train/Real/0001.jpg"));
  EXPECT_TRUE(one.contains("camera-b/Train/Fake/0002-smoothed.jpg"));
}

TEST(MakeDemoData, AKindThatDoesNotExistIsToldBeforeAnythingIsWritten) {
  const ScratchFolder out;
  const Finished f = make(out / "set", {"kinds=[melted]"});
  EXPECT_NE(f.exit_code, 0);
  EXPECT_THAT(f.err, ::testing::HasSubstr("there is no manipulation 'melted'"));
}

}  // namespace
}  // namespace dfpipe::testing
