#include "manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "csv.hpp"
#include "dfpipe/error.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::datasets {
namespace {

using ::testing::HasSubstr;
using testing::ScratchFolder;

const std::string header = "path,label,dataset,split,group,sha256\n";

/// What read_manifest says of the text, without the folder's name.
std::string refusal(const std::string& text, const std::string& name = "m.csv", const ManifestOptions& options = {}) {
  const ScratchFolder folder;
  const auto file = folder.write(name, text);
  try {
    read_manifest(file, options);
  } catch (const Error& e) {
    std::string what = e.what();
    const std::string prefix = folder.path().string() + "/";
    for (std::size_t at; (at = what.find(prefix)) != std::string::npos;) what.erase(at, prefix.size());
    return what;
  }
  return "accepted";
}

TEST(Manifest, ReadsRowsInTheirOrderWithTheirGroupsAndHashes) {
  const ScratchFolder folder;
  const std::string hash(64, 'A');
  const auto file = folder.write("m.csv", "\xEF\xBB\xBF" + header + "b.jpg,Fake,web,valid,anna," + hash + "\r\n\r\n" +
                                              "\"a, \"\"x\"\".jpg\",0,web,TEST,,\n");
  const Entries entries = read_manifest(file, {});
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].path, "b.jpg");
  EXPECT_EQ(entries[0].label, 1);
  EXPECT_EQ(entries[0].split, "validation");
  EXPECT_EQ(entries[0].group, "anna");
  EXPECT_EQ(entries[0].sha256, std::string(64, 'a'));
  EXPECT_EQ(entries[0].file, folder / "b.jpg");
  EXPECT_EQ(entries[1].path, "a, \"x\".jpg");
  EXPECT_EQ(entries[1].label, 0);
  EXPECT_EQ(entries[1].split, "test");
}

TEST(Manifest, ReadsJsonLinesAlike) {
  const ScratchFolder folder;
  const auto file = folder.write(
      "m.jsonl",
      "{\"path\": \"a.png\", \"label\": 1, \"dataset\": \"d\", \"split\": \"train\", \"who\": \"x\"}\n\n"
      "{\"path\": \"b.png\", \"label\": \"real\", \"dataset\": \"d\", \"split\": \"val\", \"more\": [1]}\n");
  const Entries entries = read_manifest(file, {.classes = {}, .group_column = "who"});
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].label, 1);
  EXPECT_EQ(entries[0].group, "x");
  EXPECT_EQ(entries[1].split, "validation");
}

TEST(Manifest, WhatIsWrittenIsReadAgain) {
  for (const char* name : {"m.csv", "m.jsonl"}) {
    const ScratchFolder folder;
    Entries entries;
    for (const std::string file : {"x/a,\"b\".jpg", "line\nend.png", "back\\slash.png", "odd\xFF.png"})
      entries.push_back({1, "set, one", "train", "g", "", folder / file, std::string(64, '0')});
    entries.push_back({0, "set, one", "test", "", "", "/elsewhere/c.jpg", ""});
    const Entries read = read_manifest(folder.write(name, manifest_text(folder / name, entries)), {});
    ASSERT_EQ(read.size(), entries.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      EXPECT_EQ(read[i].file, entries[i].file);
      EXPECT_EQ(read[i].label, entries[i].label);
      EXPECT_EQ(read[i].dataset, entries[i].dataset);
      EXPECT_EQ(read[i].group, entries[i].group);
      EXPECT_EQ(read[i].sha256, entries[i].sha256);
    }
  }
}

TEST(Manifest, AMissingColumnIsToldWithTheLineOfTheHeader) {
  EXPECT_THAT(refusal("path,label\na.jpg,fake\n"), HasSubstr("m.csv:1: no column dataset, split;"));
  EXPECT_EQ(refusal("path,label,dataset,split,label\n"), "m.csv:1: two columns are called 'label'");
  EXPECT_THAT(refusal("{\"path\": \"a\", \"label\": 1, \"dataset\": \"d\"}\n", "m.jsonl"),
              HasSubstr("m.jsonl:1: no member 'split'"));
}

TEST(Manifest, EveryBadRowIsToldWithItsLineUpToFive) {
  const std::string said = refusal(header + "a.jpg,Fakes,d,test,,\n" + "b.jpg,fake,d,holdout,,\n" +
                                   "c.jpg,fake,,test,,\n" + ",fake,d,test,,\n" + "e.jpg,fake,d,test,,abc\n" +
                                   "f.jpg,fake\n" + "g.jpg,real,d,test,,\n" + "g.jpg,fake,d,test,,\n");
  EXPECT_EQ(said,
            "m.csv:2: label 'Fakes' is neither real nor fake; 'classes' can map it; "
            "m.csv:3: split 'holdout' is none of train, validation, test; "
            "m.csv:4: dataset is empty; "
            "m.csv:5: path is empty; "
            "m.csv:6: sha256 'abc' is not 64 hexadecimal digits; and 2 more");
}

TEST(Manifest, AFileThatIsListedTwiceIsRefusedHoweverItIsSpelled) {
  EXPECT_EQ(refusal(header + "x/a.jpg,fake,d,test,,\nx/./y/../a.jpg,real,d,test,,\n"),
            "m.csv:3: 'x/./y/../a.jpg' is listed in line 2 already");
}

TEST(Manifest, APathMustStayInTheFolderUnlessItIsAbsolute) {
  EXPECT_THAT(refusal(header + "../a.jpg,fake,d,test,,\n"),
              HasSubstr("m.csv:2: path '../a.jpg' leaves the manifest's"));
  EXPECT_EQ(refusal(header + "/data/a.jpg,fake,d,test,,\n"), "accepted");
  EXPECT_EQ(refusal(header + "x/../a.jpg,fake,d,test,,\n"), "accepted");
  EXPECT_THAT(refusal(header + "a\\b.jpg,fake,d,test,,\n"),
              HasSubstr("m.csv:2: path \"a\\b.jpg\": a backslash must be"));
  EXPECT_EQ(refusal(header + "a\\x00b.jpg,fake,d,test,,\n"),
            "m.csv:2: path \"a\\x00b.jpg\": no file name has a NUL byte");
}

TEST(Manifest, WhatIsNoTextIsRefusedWithItsLine) {
  EXPECT_EQ(refusal(header + "\xFF.jpg,fake,d,test,,\n"), "m.csv:2: not UTF-8");
  EXPECT_EQ(refusal(header + std::string("a\0b,fake,d,test,,\n", 17)), "m.csv:2: a NUL byte: this is no text");
  EXPECT_EQ(refusal(""), "m.csv: it is empty");
  EXPECT_EQ(refusal(header), "m.csv: it has no rows");
  EXPECT_EQ(refusal("\n\n", "m.jsonl"), "m.jsonl: it has no rows");
  EXPECT_EQ(refusal("[1]\n{\n", "m.jsonl"), "m.jsonl:1: this is no JSON object; m.jsonl:2: this is no JSON object");
}

TEST(Manifest, AHugeLineIsRefusedWithItsLine) {
  const std::string huge(longest_record + 10, 'x');
  EXPECT_THAT(refusal(header + "a.jpg,fake,d,test,,\n" + huge),
              HasSubstr("m.csv:3: a record has more than 65536 bytes"));
  EXPECT_THAT(refusal(header + "\"" + huge),
              HasSubstr("m.csv:2: a record has more than 65536 bytes; is a quote missing?"));
  EXPECT_THAT(refusal("{\"path\": \"" + huge + "\"}\n", "m.jsonl"), HasSubstr("m.jsonl:1: more than 65536 bytes"));
  EXPECT_THAT(refusal(std::string(60000, '[') + "\n", "m.jsonl"), HasSubstr("m.jsonl:1: this is no JSON object"));
}

TEST(Manifest, QuotesThatDoNotFitAreRefusedWithTheirLine) {
  EXPECT_EQ(refusal(header + "a\"b,fake,d,test,,\n"),
            "m.csv:2: a quote stands inside a field that does not begin with one");
  EXPECT_EQ(refusal(header + "\"a\"b,fake,d,test,,\n"), "m.csv:2: there is text behind a closing quote");
  EXPECT_EQ(refusal(header + "a,fake,d,test,,\n\"b\n\nc,fake"), "m.csv:3: a quote is opened and never closed");
}

TEST(Manifest, AFileThatCannotBeReadIsNamed) {
  const ScratchFolder folder;
  const auto said = [](const std::filesystem::path& file) {
    try {
      read_manifest(file, {});
    } catch (const Error& e) {
      return e.code() + "|" + e.what();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(said(folder / "no.csv"),
            "not_found|" + (folder / "no.csv").string() + ": the file cannot be read: No such file or directory");
  std::filesystem::create_directory(folder / "d.csv");
  EXPECT_THAT(said(folder / "d.csv"), HasSubstr("not_a_file|"));
  EXPECT_THAT(said(folder.write("m.txt", "x")), HasSubstr("a manifest's name ends in .csv or .jsonl"));
}

TEST(Manifest, AClassNameThatIsNotKnownCanBeMapped) {
  const ManifestOptions options{.classes = ClassNames({"Fakes=fake", "a=b=real"}), .group_column = "group"};
  EXPECT_EQ(refusal(header + "a,Fakes,d,test,,\nb,a=b,d,test,,\n", "m.csv", options), "accepted");
  EXPECT_THROW(ClassNames({"Fakes"}), Error);
  EXPECT_THROW(ClassNames({"=fake"}), Error);
  EXPECT_THROW(ClassNames({"x=deepfake"}), Error);
  EXPECT_THROW(ClassNames({"x=fake", "x=real"}), Error);
}

}  // namespace
}  // namespace dfpipe::datasets
