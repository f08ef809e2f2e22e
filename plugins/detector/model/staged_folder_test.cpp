#include "staged_folder.hpp"

#include <gmock/gmock.h>

#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class Staged : public ::testing::Test {
 protected:
  std::vector<std::string> names(const std::filesystem::path& folder) const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      all.push_back(entry.path().filename().string());
    return all;
  }
  std::string refusal(Overwrite overwrite) const {
    return message_of([&] { StagedFolder staged(target_, overwrite); });
  }

  ScratchFolder scratch_;
  std::filesystem::path target_ = scratch_.path() / "deep/model";
};

TEST_F(Staged, AppearsAsAWholeOrNotAtAll) {
  {
    StagedFolder staged(target_, Overwrite::refuse);
    write_bytes(staged.path() / "config.json", "half");
    EXPECT_FALSE(std::filesystem::exists(target_));
  }
  EXPECT_TRUE(names(scratch_.path() / "deep").empty());
  StagedFolder staged(target_ / "", Overwrite::refuse);
  write_bytes(staged.path() / "config.json", "all");
  staged.publish();
  EXPECT_EQ(read_bytes(target_ / "config.json"), "all");
  EXPECT_THAT(names(scratch_.path() / "deep"), UnorderedElementsAre("model"));
}

TEST_F(Staged, ReplacesAModelOnlyWhenItIsTold) {
  std::filesystem::create_directories(target_ / "clip_vision");
  EXPECT_THAT(refusal(Overwrite::refuse), HasSubstr("is there already and not empty; --force"));
  write_bytes(target_ / "clip_vision/config.json", "old");
  {
    StagedFolder staged(target_, Overwrite::replace);
    write_bytes(staged.path() / "config.json", "new");
    staged.publish();
  }
  EXPECT_THAT(names(target_), UnorderedElementsAre("config.json"));
  EXPECT_THAT(names(scratch_.path() / "deep"), UnorderedElementsAre("model"));
}

TEST_F(Staged, NeverReplacesWhatIsNoModel) {
  std::filesystem::create_directories(target_ / "clip_vision");
  write_bytes(target_ / "clip_vision/diary.txt", "dear");
  EXPECT_THAT(refusal(Overwrite::replace), HasSubstr("has 'clip_vision', which is no part of a model"));
  std::filesystem::remove(target_ / "clip_vision/diary.txt");
  std::filesystem::create_directory(target_ / "photos");
  EXPECT_THAT(refusal(Overwrite::replace), HasSubstr("has 'photos'"));
  EXPECT_TRUE(std::filesystem::exists(target_ / "photos"));
  std::filesystem::remove_all(target_);
  write_bytes(target_, "a file");
  EXPECT_THAT(refusal(Overwrite::replace), HasSubstr("and no folder"));
}

TEST_F(Staged, AnEmptyFolderMayBeFilled) {
  std::filesystem::create_directories(target_);
  StagedFolder staged(target_, Overwrite::refuse);
  write_bytes(staged.path() / "config.json", "all");
  staged.publish();
  EXPECT_EQ(read_bytes(target_ / "config.json"), "all");
}

TEST_F(Staged, SaysWhatCannotBeWritten) {
  write_bytes(scratch_.path() / "file", "");
  target_ = scratch_.path() / "file/model";
  EXPECT_THAT(refusal(Overwrite::refuse), HasSubstr("cannot be created"));
  target_ = "/proc/model";
  EXPECT_THAT(refusal(Overwrite::refuse), HasSubstr("/proc/model: cannot be created"));
}

}  // namespace
}  // namespace dfpipe::detector
