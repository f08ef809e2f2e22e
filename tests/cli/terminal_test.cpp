#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "testing/process.hpp"

/// What the program shows on a real (pseudo) terminal.
namespace dfpipe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Everything the program writes to a terminal of 70 columns.
std::string on_a_terminal(const std::vector<std::string>& argv, const char* no_colour) {
  winsize size{24, 70, 0, 0};
  int master = -1;
  const pid_t pid = forkpty(&master, nullptr, nullptr, &size);
  if (pid < 0) return "no pseudo terminal";
  if (pid == 0) {
    setenv("TERM", "xterm", 1);
    if (no_colour)
      setenv("NO_COLOR", no_colour, 1);
    else
      unsetenv("NO_COLOR");
    std::vector<char*> arguments;
    for (const std::string& a : argv) arguments.push_back(const_cast<char*>(a.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(master, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  close(master);
  waitpid(pid, nullptr, 0);
  return text;
}

class OnATerminal : public ::testing::Test {
 protected:
  OnATerminal() {
    std::ofstream(file()) << "pipeline: draw\n"
                             "nodes:\n"
                             "  draw:  {type: synthetic-faces, with: {count: 40, size: 256}}\n"
                             "  write: {type: image-write, in: {image: draw.image, path: draw.path}, with: {dir: "
                          << (folder / "out").string() << "}}\n";
  }
  std::string file() const { return (folder / "draw.yaml").string(); }
  ScratchFolder folder;
};

TEST_F(OnATerminal, ABarIsDrawnAndGoneAtTheEnd) {
  const std::string text = on_a_terminal({DFPIPE_BINARY, "run", file()}, nullptr);
  EXPECT_THAT(text, HasSubstr("/40"));
  EXPECT_THAT(text, HasSubstr("[#"));
  const std::size_t summary = text.find("40 in = 40 ok");
  ASSERT_NE(summary, std::string::npos) << text;
  EXPECT_EQ(text.find('[', summary), std::string::npos);
}

TEST_F(OnATerminal, ColourIsLeftOutWhenNoColorIsSet) {
  EXPECT_THAT(on_a_terminal({DFPIPE_BINARY, "inspect", "face-corp"}, nullptr), HasSubstr("\x1b[31m"));
  const std::string plain = on_a_terminal({DFPIPE_BINARY, "inspect", "face-corp"}, "1");
  EXPECT_THAT(plain, HasSubstr("no node type, resource or command"));
  EXPECT_THAT(plain, Not(HasSubstr("\x1b[3")));
}

TEST_F(OnATerminal, ACommandsProgressIsCutToOneLineAndGoneAtTheEnd) {
  const std::string plugins = DFPIPE_BINARY_DIR "/tests/plugins/modules/commands";
  const std::string text = on_a_terminal({DFPIPE_BINARY, "show", "all", "x", "--plugins", plugins}, nullptr);
  EXPECT_THAT(text, HasSubstr("\r\x1b[Kworking" + std::string(62, '.')));
  EXPECT_THAT(text, Not(HasSubstr(std::string(63, '.'))));
  EXPECT_THAT(text, ::testing::EndsWith("\r\x1b[K"));
  EXPECT_THAT(text, HasSubstr("\r\nterminal\r\n"));
  const std::string quiet = on_a_terminal({DFPIPE_BINARY, "show", "all", "x", "-q", "--plugins", plugins}, nullptr);
  EXPECT_THAT(quiet, Not(HasSubstr("working")));
}

TEST_F(OnATerminal, WhatANodeTellsStandsBelowTheBarCutToTheWidthAndGoesWithIt) {
  const std::string plugins = DFPIPE_BINARY_DIR "/tests/plugins/modules/status";
  const auto telling = folder.write("tell.yaml",
                                    "pipeline: tell\n"
                                    "nodes:\n"
                                    "  draw: {type: synthetic-faces, with: {count: 4, size: 64}}\n"
                                    "  tell: {type: teller, in: {path: draw.path}}\n");
  const std::string text =
      on_a_terminal({DFPIPE_BINARY, "run", telling.string(), "--plugins", plugins, "--threads", "1"}, nullptr);
  const std::string told = "seen é?2 " + std::string(60, '.');
  const std::size_t at = text.find("\r\n" + told);
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_THAT(text, Not(HasSubstr(told + "."))) << "69 of the terminal's 70 columns";
  const std::string bar = text.substr(text.rfind("\x1b[K", at), at - text.rfind("\x1b[K", at));
  EXPECT_THAT(bar, HasSubstr("/4")) << "the bar stands above";
  EXPECT_EQ(text.compare(at + 2 + told.size(), 10, "\r\x1b[K\x1b[A\x1b[K"), 0) << "both lines are wiped";
  EXPECT_THAT(text.substr(text.find("4 in = 4 ok")), Not(HasSubstr("seen")));
}

TEST_F(OnATerminal, NoProgressDrawsNoBar) {
  const std::string text = on_a_terminal({DFPIPE_BINARY, "run", file(), "--no-progress"}, nullptr);
  EXPECT_THAT(text, HasSubstr("40 in = 40 ok"));
  EXPECT_THAT(text, Not(HasSubstr("[#")));
}

}  // namespace
}  // namespace dfpipe::testing
