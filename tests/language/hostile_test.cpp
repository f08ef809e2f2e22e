#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planning.hpp"

/// Files that nobody would write for a good reason end in a sentence.
namespace dfpipe::language_tests {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// Planning fails, with this said.
void refused(const std::string& yaml, const std::string& sentence) {
  const Planned result = planned_text(yaml);
  EXPECT_FALSE(result.plan.has_value());
  EXPECT_THAT(result.text().substr(0, 2000), HasSubstr(sentence));
}

TEST(HostileFiles, ABombOfAliasesIsRefused) {
  std::string yaml = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'i'; ++c) {
    const std::string before = "*" + std::string(1, static_cast<char>(c - 1));
    yaml += std::string(1, c) + ": &" + c + " [" + before + repeated(", " + before, 8) + "]\n";
  }
  refused(yaml, "aliases (*name) are not part of the pipeline language");
}

TEST(HostileFiles, ABombOfParametersIsRefused) {
  std::string yaml = "pipeline: bomb\nparams:\n  p0: {type: text, default: xxxxxxxxxx}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "${p" + std::to_string(i - 1) + "}";
    yaml += "  p" + std::to_string(i) + ": {type: text, default: \"" + repeated(before, 10) + "\"}\n";
  }
  refused(yaml, "come to more than 4 MiB of text");
}

TEST(HostileFiles, ABombOfPartsIsRefused) {
  const Folder folder;
  for (int i = 0; i < 12; ++i) {
    std::string part = "part: p\nnodes:\n";
    for (int k = 0; k < 10; ++k)
      part += "  n" + std::to_string(k) + ": {part: part" + std::to_string(i + 1) + ".yaml}\n";
    folder.write("part" + std::to_string(i) + ".yaml", part);
  }
  folder.write("part12.yaml", "part: p\nnodes: {}\n");
  const Planned result = planned(folder.write("p.yaml", "pipeline: p\nnodes:\n  a: {part: part0.yaml}\n"));
  EXPECT_THAT(result.text(), HasSubstr("more than 10000 nodes"));
}

TEST(HostileFiles, ABombOfIncludesIsRefused) {
  const Folder folder;
  for (int i = 0; i < 10; ++i) {
    const std::string next = "i" + std::to_string(i + 1) + ".yaml";
    folder.write("i" + std::to_string(i) + ".yaml", "include: [" + next + repeated(", " + next, 9) + "]\n");
  }
  folder.write("i10.yaml", "params: {}\n");
  const Planned result = planned(folder.write("p.yaml", "pipeline: p\ninclude: [i0.yaml]\nnodes: {}\n"));
  EXPECT_THAT(result.text(), HasSubstr("more than 100 files are included"));
}

TEST(HostileFiles, DeepNestingIsRefusedWithoutDeepRecursion) {
  const std::string said = "nested deeper than 64 levels";
  refused(repeated("[", 100'000), said);
  refused(repeated("{a: ", 100'000), said);
  refused(repeated("- ", 100'000), said);
  refused(repeated("? ", 100'000), said);
  refused(repeated("[", 1000) + repeated("]", 1000), said);
  refused("pipeline: x\nabout: " + repeated("[", 65) + repeated("]", 65), said);
  std::string indented;
  for (std::size_t i = 0; i < 100; ++i) indented += std::string(i, ' ') + "a:\n";
  refused(indented, said);
}

TEST(HostileFiles, BracketsInTextAreNoNesting) {
  std::string about = "about: |\n";
  for (int i = 0; i < 100; ++i) about += "  see [ and { in this text\n";
  const Planned result = planned_text(with_nodes("", about));
  EXPECT_TRUE(result.plan.has_value()) << result.text();
}

TEST(HostileFiles, LargeFilesAreRefused) {
  refused("pipeline: x\nabout: " + std::string(10'000'000, 'x'), "is larger than 1 MiB");
  refused("pipeline: x\nabout: [" + repeated("x, ", 200'000) + "x]", "more than 100000 values");
}

TEST(HostileFiles, ManyMistakesAreCutShort) {
  std::string yaml = "pipeline: x\nnodes:\n";
  for (int i = 0; i < 9000; ++i) yaml += "  n" + std::to_string(i) + ": {type: show, in: {image: a.b}, x: 1}\n";
  EXPECT_THAT(planned_text(yaml).text(), EndsWith("\n500 errors\n"));
}

TEST(HostileFiles, LongChainsOfNamesAreRefused) {
  std::string yaml = with_nodes("");
  for (int i = 0; i < 3000; ++i) {
    const std::string from = "c" + std::to_string(i + 1) + ".y";
    yaml += "  c" + std::to_string(i) + ": {nodes: {}, in: {x: " + from + "}, out: {y: x}}\n";
  }
  yaml += "  c3000: {nodes: {}, in: {x: decode.image}, out: {y: x}}\n";
  refused(yaml, "leads through more than 500 names");

  std::string params = "params:\n";
  for (int i = 0; i < 5000; ++i)
    params += "  p" + std::to_string(i) + ": {type: text, default: \"${p" + std::to_string(i + 1) + "}\"}\n";
  refused(with_nodes("", params + "  p5000: {type: text, default: x}\n"), "more than 100 parameters");
}

TEST(HostileFiles, LongChainsOfNodesArePlanned) {
  std::string yaml = with_nodes("  p0: {type: passing, in: {image: decode.image}}\n");
  for (int i = 1; i < 3000; ++i)
    yaml += "  p" + std::to_string(i) + ": {type: passing, in: {image: p" + std::to_string(i - 1) + ".image}}\n";
  const Planned result = planned_text(yaml);
  EXPECT_TRUE(result.plan.has_value()) << result.text().substr(0, 1000);
}

TEST(HostileFiles, BytesThatAreNoTextAreLocated) {
  using namespace std::string_literals;
  refused("pipeline: x\nabout: a\0b\n"s, ".yaml:2:9: error: control character 0x00 in the text");
  refused("pipeline: \xff\xfe\n", ".yaml:1:11: error: not UTF-8 text");
  refused("about: \xc3\xa4\xc3\n", ".yaml:1:9: error: not UTF-8 text");
  refused("about: \xed\xa0\x80\n", "not UTF-8 text");
  refused("about: \xc0\xaf\n", "not UTF-8 text");
  refused("\xff\xfep\0i\0"s, "not UTF-8 text");
  refused("a: \x1b[31m\n", "control character 0x1b");
  EXPECT_THAT(planned_text("a: \xff\n").text(), Not(HasSubstr("\xff"))) << "the terminal is spared";
}

TEST(HostileFiles, EscapesInTextNeverReachTheTerminal) {
  const std::string said =
      planned_text("pipeline: x\nnodes:\n  a: {type: \"\\e[2J\\u009b2J\"}\n  \"\\e[2Jb\": {}\n").text();
  EXPECT_THAT(said, HasSubstr("unknown type '?[2J?2J'"));
  EXPECT_THAT(said, Not(HasSubstr("\x1b")));
  refused("about: \xc2\x9b", ".yaml:1:8: error: control character 0x9b in the text");
}

TEST(HostileFiles, AByteOrderMarkAndOtherLineEndsAreFine) {
  const std::string yaml = with_nodes("");
  EXPECT_TRUE(planned_text("\xEF\xBB\xBF" + yaml).plan.has_value());
  std::string windows, old_mac;
  for (char c : yaml) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
    old_mac += c == '\n' ? '\r' : c;
  }
  EXPECT_TRUE(planned_text(windows).plan.has_value());
  EXPECT_TRUE(planned_text(old_mac).plan.has_value());
  const std::string wrong = planned_text("pipeline: x\r\nnodez: {}\r\nnodes: {}\r\n").text();
  EXPECT_THAT(wrong, HasSubstr(".yaml:2:1: error: a pipeline has no key 'nodez'"));
  EXPECT_THAT(wrong, Not(HasSubstr("\r")));
}

TEST(HostileFiles, EmptyOnesAreNamed) {
  refused("", "the file is empty");
  refused(" \n\t\n", "the file is empty");
  refused("# only a comment\n", "the file holds no YAML value");
  refused("~\n", "a pipeline file is a map of keys, not nothing");
  refused("text\n", "a pipeline file is a map of keys, not a single value");
}

TEST(HostileFiles, WhatCannotBeReadIsNamed) {
  const Folder folder;
  EXPECT_THAT(planned(folder.path() / "none.yaml").text(), HasSubstr("does not exist"));
  EXPECT_THAT(planned(folder.path()).text(), HasSubstr("is a folder, not a pipeline file"));
  folder.write("predict.yaml", "x");
  EXPECT_THAT(planned(folder.path() / "predct.yaml").text(), HasSubstr("predict.yaml'?"));
  EXPECT_THAT(planned("/dev/zero").text(), HasSubstr("is larger than 1 MiB"));
  EXPECT_THAT(planned("/dev/null").text(), HasSubstr("the file is empty"));
}

TEST(HostileFiles, KeysMustBeText) {
  refused("pipeline: x\n[a, b]: c\n", "a key must be text, not a list");
  refused("pipeline: x\n? {a: b}\n: c\n", "a key must be text, not a map");
  refused("pipeline: x\n~: c\n", "a key must be text");
}

}  // namespace
}  // namespace dfpipe::language_tests
