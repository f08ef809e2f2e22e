#include "listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "glob.hpp"
#include "path_text.hpp"
#include "testing/scratch_folder.hpp"

namespace {

using dfpipe::testing::ScratchFolder;

using namespace dfpipe::files;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const std::filesystem::path& path, bool recursive = true) {
  try {
    list_files(path, recursive);
    return "";
  } catch (const std::runtime_error& e) {
    return e.what();
  }
}

TEST(PathText, OrdinaryNamesStayAsTheyAre) {
  for (const char* name : {"a.jpg", "Zoë/naïve 写真.png", "a\nb\t'\"<>.jpg", "😀", ""}) EXPECT_EQ(path_text(name), name);
}

TEST(PathText, BytesThatAreNoUtf8AreEscaped) {
  EXPECT_EQ(path_text("\xFF\xFE.png"), "\\xff\\xfe.png");
  EXPECT_EQ(path_text("\xC0\xAF"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(path_text("\xED\xA0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(path_text("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(path_text("caf\xC3"), "caf\\xc3") << "cut";
  EXPECT_EQ(path_text("a\\b"), "a\\\\b");
}

TEST(PathText, EveryByteStringComesBack) {
  std::uint32_t state = 7;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < round % 12; ++i) {
      state = state * 1664525u + 1013904223u;
      constexpr std::string_view alphabet = "\\x\xC3\xA9\xFF\xE2\x82\xAC/0f\n";
      bytes += alphabet[(state >> 16) % alphabet.size()];
    }
    EXPECT_EQ(path_bytes(path_text(bytes)), bytes);
  }
}

TEST(PathText, RefusesEscapesItNeverWrites) {
  for (const char* text : {"\\", "\\n", "\\x", "\\x1", "\\xg0", "a\\x 1", "a\\x00"})
    EXPECT_THROW(path_bytes(text), std::invalid_argument) << text;
}

TEST(Glob, Matches) {
  const auto m = [](const char* pattern, const char* path) { return Glob(pattern).matches(path); };
  EXPECT_TRUE(m("*.jpg", "a.jpg"));
  EXPECT_FALSE(m("*.jpg", "a/b.jpg"));
  EXPECT_FALSE(m("*.jpg", ".a.jpg"));
  EXPECT_TRUE(m(".*.jpg", ".a.jpg"));
  EXPECT_TRUE(m("?.png", "é.png"));
  EXPECT_FALSE(m("?.png", "ab.png"));
  EXPECT_TRUE(m("[a-c]x[!0-9]", "bxy"));
  EXPECT_FALSE(m("[a-c]x[!0-9]", "bx1"));
  EXPECT_TRUE(m("[]]", "]"));
  EXPECT_TRUE(m("a[b", "a[b")) << "an unclosed bracket is a character";
  EXPECT_TRUE(m("\\*", "*"));
  EXPECT_FALSE(m("\\*", "a"));
  EXPECT_TRUE(m("**/*.jpg", "a.jpg"));
  EXPECT_TRUE(m("**/*.jpg", "a/b/c.jpg"));
  EXPECT_TRUE(m("a/**/b/*.jpg", "a/x/b/b/y.jpg"));
  EXPECT_FALSE(m("a/**/b/*.jpg", "a/x/b/c/y.jpg"));
  EXPECT_TRUE(m("a/**", "a/b/c"));
  EXPECT_FALSE(m("**/*.jpg", ".git/a.jpg"));
  EXPECT_FALSE(m("*/*", "a"));
}

TEST(Glob, AManyStarredPatternTakesNoAge) {
  EXPECT_FALSE(Glob("*a*a*a*a*a*a*a*a*a*a*a*a*b").matches(std::string(200, 'a')));
  EXPECT_FALSE(Glob("**/**/**/**/**/**/x").matches("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"));
}

TEST(Listing, AFolderGivesItsImagesInByteOrder) {
  const ScratchFolder folder;
  for (const char* name : {"b.JPG", "a/z.png", "a.jpeg", "B.webp", "a-1.jpg", "note.md", "x", ".hidden.jpg",
                           ".git/a.jpg", "c.gif", "ä.png"})
    folder.write(name);
  const Listing all = list_files(folder.path(), true);
  EXPECT_THAT(all.names, ElementsAre("B.webp", "a-1.jpg", "a.jpeg", "a/z.png", "b.JPG", "c.gif", "ä.png"));
  EXPECT_EQ(all.shown(3), folder.path().filename().string() + "/a/z.png");
  EXPECT_THAT(list_files(folder.path(), false).names,
              ElementsAre("B.webp", "a-1.jpg", "a.jpeg", "b.JPG", "c.gif", "ä.png"));
}

TEST(Listing, TheNameShownDoesNotDependOnHowTheFolderIsWritten) {
  const ScratchFolder folder;
  folder.write("in/a.png");
  EXPECT_EQ(list_files(folder / "in", true).shown(0), "in/a.png");
  EXPECT_EQ(list_files(folder / "in/", true).shown(0), "in/a.png");
  EXPECT_EQ(list_files(folder / "in/../in/.", true).shown(0), "in/a.png");
  EXPECT_EQ(list_files(folder / "in/a.png", true).shown(0), "a.png");
}

TEST(Listing, LoopsOfLinksEnd) {
  const ScratchFolder folder;
  folder.write("a/x.png");
  std::filesystem::create_directory_symlink(folder.path(), folder / "a/up");
  std::filesystem::create_directory_symlink(folder / "a", folder / "0");
  std::filesystem::create_directory_symlink("self", folder / "self");
  EXPECT_THAT(list_files(folder.path(), true).names, ElementsAre("a/x.png")) << "once, under its real path";
}

TEST(Listing, OddThingsWithAnImagesNameAreListed) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "broken.jpg");
  std::filesystem::create_directories(folder / "dir.jpg");
  ::mkfifo((folder / "fifo.jpg").c_str(), 0600);
  folder.write("dir.jpg/in.png");
  EXPECT_THAT(list_files(folder.path(), true).names,
              ElementsAre("broken.jpg", "dir.jpg", "dir.jpg/in.png", "fifo.jpg"));
}

TEST(Listing, PatternsTakeWhatTheyNameWhateverItIsCalled) {
  const ScratchFolder folder;
  for (const char* name : {"a/1.jpg", "a/2.dat", "b/c/3.jpg", "4.jpg"}) folder.write(name);
  EXPECT_THAT(list_files(folder / "*/*", true).names, ElementsAre("a/1.jpg", "a/2.dat"));
  EXPECT_THAT(list_files(folder / "**/*.jpg", true).names, ElementsAre("4.jpg", "a/1.jpg", "b/c/3.jpg"));
  EXPECT_THAT(list_files(folder / "a/[0-9].*", true).names, ElementsAre("1.jpg", "2.dat"));
  EXPECT_EQ(list_files(folder / "a/?.jpg", true).shown(0), "a/1.jpg");
  EXPECT_THAT(refusal(folder / "*.tiff"), HasSubstr("nothing matches"));
  EXPECT_THAT(refusal(folder / "none/*.jpg"), HasSubstr("there is no folder"));
}

TEST(Listing, AFileCalledLikeAPatternIsThatFile) {
  const ScratchFolder folder;
  folder.write("[1].jpg");
  EXPECT_THAT(list_files(folder / "[1].jpg", true).names, ElementsAre("[1].jpg"));
}

TEST(Listing, HeatMapsOfAnEarlierRunAreNoInput) {
  const ScratchFolder folder;
  for (const char* name :
       {"in/a.png", "in/heatmaps/mine.png", "in/out/predictions.run.json", "in/out/heatmaps/00000000_0.png",
        "in/out/heatmaps.prev/00000012_3.png", "in/out/heatmaps/mine.png", "in/out/heatmaps.preview/00000000_0.png",
        "in/out/b.png", "in/out/predictions.jsonl"})
    folder.write(name);
  const Listing all = list_files(folder / "in", true);
  const auto theirs = ElementsAre("a.png", "heatmaps/mine.png", "out/b.png", "out/heatmaps.preview/00000000_0.png",
                                  "out/heatmaps/mine.png");
  EXPECT_THAT(all.names, theirs) << "the user's own pictures stay";
  EXPECT_EQ(all.passed_over(), "2 files without an image's extension, heat maps of an earlier run in 'out'");
  EXPECT_THAT(list_files(folder / "in/**/*.png", true).names, theirs);
  EXPECT_THAT(list_files(folder / "in/out", true).names,
              ElementsAre("b.png", "heatmaps.preview/00000000_0.png", "heatmaps/mine.png"))
      << "output and input may be one folder";
  EXPECT_THAT(list_files(folder / "in/out/heatmaps", true).names, ElementsAre("00000000_0.png", "mine.png"))
      << "named, so wanted";
  EXPECT_EQ(list_files(folder / "in/out", false).passed_over(), "2 files without an image's extension")
      << "what is not looked into is not passed over";
  EXPECT_EQ(list_files(folder / "in/a.png", true).passed_over(), "");
}

TEST(Listing, AFolderCalledLikeAPatternOrAListIsThatFolder) {
  const ScratchFolder folder;
  for (const char* name : {"[2020]/a.jpg", "2/b.jpg", "@eaDir/c.jpg", "@eaDir/[x]/d.jpg"}) folder.write(name);
  EXPECT_THAT(list_files(folder / "[2020]/*.jpg", true).names, ElementsAre("a.jpg"));
  EXPECT_THAT(list_files(folder / "[0-9]/*.jpg", true).names, ElementsAre("2/b.jpg"));
  EXPECT_THAT(list_files(folder / "@eaDir/*.jpg", true).names, ElementsAre("c.jpg"));
  EXPECT_THAT(list_files(folder / "@eaDir/[x]/?.jpg", true).names, ElementsAre("d.jpg"));
  EXPECT_THAT(refusal(folder / "@eaDir/typo.jpg"),
              HasSubstr("there is no file or folder '" + folder.path().string() + "/@eaDir/typo.jpg'"));
  EXPECT_THAT(refusal(folder / "[2020]/typo.jpg"),
              HasSubstr("there is no file or folder '" + folder.path().string() + "/[2020]/typo.jpg'"));
  folder.write("@eaDir/list.txt", "c.jpg");
  EXPECT_THAT(list_files(folder / "@eaDir/@list.txt", true).names, ElementsAre("c.jpg"));
}

TEST(Listing, AListMustBeAFileOfReasonableSize) {
  const ScratchFolder folder;
  ::mkfifo((folder / "fifo.txt").c_str(), 0600);
  EXPECT_THAT(refusal(folder / "fifo.txt"), HasSubstr("this is a FIFO, not a file"));
  EXPECT_THAT(refusal(folder / "@fifo.txt"), HasSubstr("this is a FIFO, not a file"));
  folder.write("large.txt");
  std::filesystem::resize_file(folder / "large.txt", std::uintmax_t{65} << 20);
  EXPECT_THAT(refusal(folder / "large.txt"), HasSubstr("67108864"));
}

TEST(Listing, AListKeepsItsOrder) {
  const ScratchFolder folder;
  folder.write("l/list.txt",
               "\xEF\xBB\xBF"
               "../b.jpg\r\n# not this\n\n/abs/a.jpg\nsub/c d.jpg");
  for (const char* name : {"l/list.txt", "@l/list.txt", "l/@list.txt"}) {
    const Listing list = list_files(folder / name, true);
    EXPECT_THAT(list.names, ElementsAre("../b.jpg", "/abs/a.jpg", "sub/c d.jpg")) << name;
    EXPECT_EQ(list.path(0), folder / "l/../b.jpg");
    EXPECT_EQ(list.path(1), "/abs/a.jpg");
    EXPECT_EQ(list.shown(2), "sub/c d.jpg");
  }
  EXPECT_EQ(list_files("@" + (folder / "l/list.txt").string(), true).names.size(), 3u);
}

TEST(Listing, NothingToReadIsSaid) {
  const ScratchFolder folder;
  folder.write("e.txt", "\n# nothing\n");
  folder.write("bin.txt", std::string("a\0b", 3));
  std::filesystem::create_directories(folder / "empty");
  folder.write("texts/readme.md");
  EXPECT_THAT(refusal(folder / "empty"), HasSubstr("it holds no files"));
  EXPECT_THAT(refusal(folder / "texts"), HasSubstr("none of its 1 files has the extension of an image"));
  EXPECT_THAT(refusal(folder / "gone.jpg"), HasSubstr("there is no file or folder"));
  EXPECT_THAT(refusal(folder / "e.txt"), HasSubstr("names no files"));
  EXPECT_THAT(refusal(folder / "bin.txt"), HasSubstr("line 1 is no text"));
  EXPECT_THAT(refusal(folder / "@gone.txt"), AllOf(HasSubstr("there is no file or folder"), HasSubstr("no list file")));
  EXPECT_THAT(refusal(""), HasSubstr("path is empty"));
}

TEST(Listing, TheStateBringsBackAnyName) {
  const ScratchFolder folder;
  folder.write("new\nline.jpg");
  folder.write("\xFF\xFE.png");
  folder.write("back\\slash \"q\".png");
  const Listing before = list_files(folder.path(), true);
  const Listing after = Listing::restore(before.state());
  EXPECT_EQ(after.names, before.names);
  EXPECT_EQ(after.path(1), before.path(1));
  EXPECT_EQ(after.shown(2), before.shown(2));
  EXPECT_EQ(before.names.size(), 3u);
  for (const char* bad : {"", "{}", "[]", R"({"format":2,"base":"","shown_base":"","files":[]})",
                          R"({"format":1,"base":"","shown_base":"","files":["\\q"]})"})
    EXPECT_THROW(Listing::restore(bad), std::runtime_error) << bad;
}

}  // namespace
