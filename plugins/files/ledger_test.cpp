#include "ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/scratch_folder.hpp"

namespace {

using dfpipe::testing::ScratchFolder;

using namespace dfpipe::files;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string lines(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += "{\"index\":" + std::to_string(i) + "}\n";
  return out;
}

std::string refusal(const std::filesystem::path& file) {
  try {
    survey(file);
    return "";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(Survey, AnUnfinishedLastLineIsCut) {
  const ScratchFolder folder;
  folder.write("p", lines(2) + "{\"index\":");
  EXPECT_EQ(survey(folder / "p").lines, 2u);
  EXPECT_EQ(folder.read("p"), lines(2));
  folder.write("p", lines(1) + "{\"index\":1}");
  EXPECT_EQ(survey(folder / "p").lines, 1u) << "without its newline a line is not a line";
}

TEST(Survey, ZerosAfterAPowerCutAreCut) {
  const ScratchFolder folder;
  folder.write("p", lines(1) + std::string(100, '\0'));
  EXPECT_EQ(survey(folder / "p").lines, 1u);
  folder.write("p", lines(1) + std::string(100, '\0') + "\n");
  EXPECT_EQ(survey(folder / "p").lines, 1u);
  EXPECT_EQ(folder.read("p"), lines(1));
}

TEST(Survey, DamageBeforeTheEndIsRefused) {
  const ScratchFolder folder;
  folder.write("p", "{\"index\":0}\nrubbish\n{\"index\":2}\n");
  EXPECT_THAT(refusal(folder / "p"), HasSubstr("line 2 is damaged; run without --resume to start again"));
}

TEST(Survey, AnEditedFileIsRefused) {
  const ScratchFolder folder;
  folder.write("p", "{\"index\":0}\n{\"index\":1}\n{\"index\":1}\n{\"index\":2}\n");  // one twice
  EXPECT_THAT(refusal(folder / "p"),
              HasSubstr("line 3 is not item 3: the file was edited; run without --resume to start again"));
  folder.write("p", "{\"index\":0}\n{\"index\":2}\n");  // one removed
  EXPECT_THAT(refusal(folder / "p"), HasSubstr("line 2 is not item 2"));
  folder.write("p", "{\"index\":0}\n{\"file\":\"a\"}\n");
  EXPECT_THAT(refusal(folder / "p"), HasSubstr("line 2 is not item 2"));
}

TEST(Survey, FindsLinesThatReportAnError) {
  const ScratchFolder folder;
  folder.write("p", R"({"index":0,"faces":[]}
{"index":1,"error":{}}
{"index":2,"faces":[{"problems":[]},{"problems":["x"]}]}
{"index":3,"faces":[{"error":{}}]}
{"index":4,"faces":[{"problems":[]}]}
)");
  EXPECT_THAT(survey(folder / "p").failed, ElementsAre(1u, 2u, 3u));
}

std::string old_lines(int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += "{\"old\":" + std::to_string(i) + "}\n";
  return out;
}

TEST(Ledger, GoesOnBehindTheLastLine) {
  const ScratchFolder folder;
  folder.write("p", old_lines(2));
  Ledger ledger(folder / "p", 2, {});
  EXPECT_FALSE(ledger.wants(1));
  ASSERT_TRUE(ledger.wants(2));
  ledger.put(2, "{}");
  EXPECT_EQ(folder.read("p"), old_lines(2) + "{}\n") << "there at once, not at the end";
  EXPECT_EQ(ledger.next(), 3u);
  ledger.finish();
}

TEST(Ledger, LinesDoneAgainTakeTheirOldPlaces) {
  const ScratchFolder folder;
  folder.write("p", old_lines(6));
  Ledger ledger(folder / "p", 6, {1, 4});
  EXPECT_FALSE(ledger.wants(0));
  EXPECT_TRUE(ledger.wants(1));
  ledger.put(1, "{\"new\":1}");
  EXPECT_FALSE(ledger.wants(1));
  EXPECT_EQ(folder.read("p"), old_lines(6)) << "whole until all is through";
  ledger.put(4, "{\"new\":4}");
  ledger.put(6, "{\"new\":6}");
  EXPECT_THAT(folder.lines("p"), ElementsAre("{\"old\":0}", "{\"new\":1}", "{\"old\":2}", "{\"old\":3}", "{\"new\":4}",
                                             "{\"old\":5}", "{\"new\":6}"));
  ledger.put(7, "{\"new\":7}");
  ledger.finish();
  EXPECT_EQ(folder.lines("p").size(), 8u);
  EXPECT_FALSE(std::filesystem::exists(folder / "p.part"));
}

TEST(Ledger, AStopWhileLinesAreDoneAgainKeepsTheOthers) {
  const ScratchFolder folder;
  folder.write("p", old_lines(5));
  Ledger ledger(folder / "p", 5, {1, 3});
  ledger.put(1, "{\"new\":1}");
  ledger.finish();
  EXPECT_THAT(folder.lines("p"),
              ElementsAre("{\"old\":0}", "{\"new\":1}", "{\"old\":2}", "{\"old\":3}", "{\"old\":4}"));
}

}  // namespace
