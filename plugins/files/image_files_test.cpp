#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "dfpipe/types/basic.hpp"
#include "read_file.hpp"
#include "testing/node_runner.hpp"
#include "testing/scratch_folder.hpp"

namespace {

using dfpipe::testing::ScratchFolder;

namespace fs = std::filesystem;
using namespace dfpipe::files;
using dfpipe::Bytes;
using dfpipe::testing::NodeRunner;

/// "name: contents" or "name: !code" of each item.
std::vector<std::string> run(const fs::path& path) {
  NodeRunner node("image-files");
  node.set("path", path).set("max_bytes", std::int64_t{1000});
  std::vector<std::string> out;
  for (const auto& item : node.run_source()) {
    std::string line = fs::path(item.get<std::string>("path")).filename().string() + ": ";
    if (item.has("bytes")) {
      const auto& data = item.get<Bytes>("bytes").data;
      line.append(data.begin(), data.end());
    } else {
      line += "!" + item.cell("bytes").why()->code;
    }
    out.push_back(line);
  }
  return out;
}

TEST(ImageFiles, GivesContentsAndNames) {
  const ScratchFolder folder;
  folder.write("a.jpg", "one");
  folder.write("b/c.png", "");
  EXPECT_EQ(run(folder.path()), (std::vector<std::string>{"a.jpg: one", "c.png: "}));
}

TEST(ImageFiles, WhatCannotBeReadIsAnErrorOfItsItem) {
  const ScratchFolder folder;
  folder.write("0.jpg", "ok");
  fs::create_symlink("nowhere", folder / "broken.jpg");
  fs::create_directories(folder / "dir.jpg");
  ::mkfifo((folder / "fifo.jpg").c_str(), 0600);
  fs::create_symlink("loop.jpg", folder / "loop.jpg");
  folder.write("sparse.png");
  fs::resize_file(folder / "sparse.png", std::uintmax_t{5} << 30);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder / "socket.png").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(run(folder.path()), (std::vector<std::string>{"0.jpg: ok", "broken.jpg: !not_found", "dir.jpg: !not_a_file",
                                                          "fifo.jpg: !not_a_file", "loop.jpg: !unreadable",
                                                          "socket.png: !not_a_file", "sparse.png: !too_large"}));
  ::close(socket);
}

TEST(ImageFiles, AFileWithoutPermissionIsUnreadable) {
  const ScratchFolder folder;
  folder.write("a.jpg");
  fs::permissions(folder / "a.jpg", fs::perms::none);
  constexpr uid_t nobody = 65534;
  const uid_t self = ::geteuid();
  if (self == 0) {  // who may read everything
    ASSERT_EQ(::seteuid(nobody), 0);
  }
  std::string code;
  try {
    read_file(folder / "a.jpg", 100, {});
  } catch (const dfpipe::Error& e) {
    code = e.code();
  }
  if (self == 0) {
    ASSERT_EQ(::seteuid(self), 0);
  }
  EXPECT_EQ(code, "unreadable");
}

TEST(ImageFiles, ANamedDeviceIsNoFile) { EXPECT_EQ(run("/dev/zero"), std::vector<std::string>{"zero: !not_a_file"}); }

TEST(ImageFiles, AFileThatShrinksWhileItIsReadIsTruncated) {
  const ScratchFolder folder;
  folder.write("a.jpg", "12345");
  const int fd = ::open((folder / "a.jpg").c_str(), O_RDONLY);
  try {
    read_exactly(fd, 9, {});
    FAIL();
  } catch (const dfpipe::Error& e) {
    EXPECT_EQ(e.code(), "truncated");
    EXPECT_STREQ(e.what(), "the file became shorter while it was read: 5 bytes of 9");
  }
  ::close(fd);
}

TEST(ImageFiles, AStopEndsAReadWithoutAnError) {
  const ScratchFolder folder;
  folder.write("a.jpg", "12345");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(read_file(folder / "a.jpg", 100, stop.get_token()).has_value());
}

TEST(ImageFiles, NamesOf255BytesAndOddBytesAreRead) {
  const ScratchFolder folder;
  const std::string longest = std::string(251, 'n') + ".png";
  folder.write(longest, "l");
  folder.write("\xFF\xFE.png", "o");
  folder.write("-rf ; $(x)\n'\".png", "s");
  EXPECT_EQ(run(folder.path()),
            (std::vector<std::string>{"-rf ; $(x)\n'\".png: s", longest + ": l", "\\xff\\xfe.png: o"}));
}

TEST(ImageFiles, SkipMovesPastOneAndSizeCountsAll) {
  const ScratchFolder folder;
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) folder.write(name, name);
  NodeRunner node("image-files");
  node.set("path", folder.path()).open();
  auto& source = dynamic_cast<dfpipe::Source&>(node.node());
  EXPECT_EQ(source.size(), 3u);
  EXPECT_TRUE(source.skip());
  EXPECT_EQ(node.run_source().size(), 2u);
  EXPECT_FALSE(source.skip());
}

TEST(ImageFiles, ARestoredRunSeesTheFirstRunsFiles) {
  const ScratchFolder folder;
  folder.write("b.jpg", "b");
  NodeRunner first("image-files"), second("image-files");
  first.set("path", folder.path()).open();
  const std::string state = dynamic_cast<dfpipe::Source&>(first.node()).state();
  folder.write("a.jpg", "a");  // came later
  second.set("path", folder.path()).open();
  dynamic_cast<dfpipe::Source&>(second.node()).restore(state);
  const auto items = second.run_source();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].get<std::string>("path"), folder.path().filename().string() + "/b.jpg");
}

TEST(ImageFiles, WhatIsPassedOverIsSaid) {
  const ScratchFolder folder;
  folder.write("a.jpg");
  NodeRunner node("image-files");
  node.set("path", folder.path()).open();
  EXPECT_TRUE(node.node().facts().empty()) << "nothing to say";
  folder.write("notes.md");
  folder.write("out/predictions.run.json");
  folder.write("out/heatmaps/00000000_0.png");
  NodeRunner again("image-files");
  again.set("path", folder.path()).open();
  EXPECT_EQ(
      again.node().facts(),
      (dfpipe::Facts{{"images", "1"},
                     {"passed over", "2 files without an image's extension, heat maps of an earlier run in 'out'"}}));
}

TEST(ImageFiles, NothingToReadStopsTheRunBeforeItBegins) {
  const ScratchFolder folder;
  NodeRunner node("image-files");
  node.set("path", folder.path());
  EXPECT_THROW(node.open(), std::runtime_error);
}

}  // namespace
