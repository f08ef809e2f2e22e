#include "ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/scratch_folder.hpp"

namespace {

using dfpipe::testing::ScratchFolder;

using namespace dfpipe::files;
using ::testing::ElementsAre;

TEST(Survey, AnUnfinishedLastLineIsCut) {
  const ScratchFolder folder;
  folder.write("p", "{\"a\":1}\n{\"b\":2}\n{\"c\":");
  EXPECT_EQ(survey(folder / "p").lines, 2u);
  EXPECT_EQ(folder.read("p"), "{\"a\":1}\n{\"b\":2}\n");
  folder.write("p", "{\"a\":1}\n{\"b\":2}");
  EXPECT_EQ(survey(folder / "p").lines, 1u) << "without its newline a line is not a line";
}

TEST(Survey, ZerosAfterAPowerCutAreCut) {
  const ScratchFolder folder;
  folder.write("p", "{\"a\":1}\n" + std::string(100, '\0'));
  EXPECT_EQ(survey(folder / "p").lines, 1u);
  folder.write("p", "{\"a\":1}\n" + std::string(100, '\0') + "\n");
  EXPECT_EQ(survey(folder / "p").lines, 1u);
  EXPECT_EQ(folder.read("p"), "{\"a\":1}\n");
}

TEST(Survey, DamageBeforeTheEndIsRefused) {
  const ScratchFolder folder;
  folder.write("p", "{\"a\":1}\nrubbish\n{\"b\":2}\n");
  EXPECT_THROW(survey(folder / "p"), std::runtime_error);
}

TEST(Survey, FindsLinesThatReportAnError) {
  const ScratchFolder folder;
  folder.write("p",
               "{\"faces\":[]}\n{\"error\":{}}\n{\"faces\":[{\"problems\":[]},{\"problems\":[\"x\"]}]}\n"
               "{\"faces\":[{\"error\":{}}]}\n{\"faces\":[{\"problems\":[]}]}\n");
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
