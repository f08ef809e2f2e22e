#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "testing/process.hpp"

namespace dfpipe::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

Finished dfpipe(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), DFPIPE_BINARY);
  return run_process(arguments);
}

/// Draws a few pictures into a folder: the quickest pipeline that needs no input.
class Drawing : public ::testing::Test {
 protected:
  Drawing() {
    std::ofstream(file())
        << "pipeline: draw\n"
           "params:\n"
           "  count: {type: integer, default: 3}\n"
           "  output: {type: path, default: "
        << (folder / "out").string()
        << ", output: true}\n"
           "nodes:\n"
           "  draw:  {type: synthetic-faces, with: {count: \"${count}\", size: 128}}\n"
           "  write: {type: image-write, in: {image: draw.image, path: draw.path}, with: {dir: \"${output}\"}}\n";
  }
  std::string file() const { return (folder / "draw.yaml").string(); }
  ScratchFolder folder;
};

TEST(CommandLine, HelpShowsExamplesForEveryCommand) {
  EXPECT_THAT(dfpipe({"--help"}).out, AllOf(HasSubstr("Examples"), HasSubstr("Exit codes")));
  for (const char* command : {"run", "validate", "inspect", "graph", "explain", "schema"}) {
    const Finished f = dfpipe({command, "--help"});
    EXPECT_EQ(f.exit_code, 0);
    EXPECT_THAT(f.out, HasSubstr("Example")) << command;
  }
}

TEST(CommandLine, WrongUsageIsExitCodeTwo) {
  EXPECT_EQ(dfpipe({}).exit_code, 2);
  EXPECT_EQ(dfpipe({"run"}).exit_code, 2);
  EXPECT_EQ(dfpipe({"run", "x.yaml", "--no-such-option"}).exit_code, 2);
  EXPECT_EQ(dfpipe({"run", "x.yaml", "--threads", "none"}).exit_code, 2);
  const Finished f = dfpipe({"validat", "x.yaml"});
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("did you mean 'validate'"));
}

TEST(CommandLine, WhatIsUnknownIsNamedWithTheNearestWord) {
  const auto said = [](const std::vector<std::string>& arguments) {
    const Finished f = dfpipe(arguments);
    EXPECT_EQ(f.exit_code, 2);
    EXPECT_THAT(f.err, StartsWith("error: "));
    EXPECT_EQ(std::ranges::count(f.err, '\n'), 1) << f.err;
    return f.err;
  };
  EXPECT_THAT(said({"--verson"}), AllOf(HasSubstr("unknown option '--verson'"), HasSubstr("did you mean '--version'")));
  EXPECT_THAT(said({"-q", "vaildate"}),
              AllOf(HasSubstr("no command 'vaildate'"), HasSubstr("did you mean 'validate'")));
  EXPECT_THAT(said({"run", "x.yaml", "--treads=3", "--other"}),
              AllOf(HasSubstr("unknown option '--treads'"), HasSubstr("did you mean '--threads'")));
  EXPECT_THAT(said({"run", "x.yaml", "y.yaml"}), HasSubstr("unexpected argument 'y.yaml'"));
  EXPECT_THAT(said({"graph", "x.yaml", "--format", "svg"}),
              AllOf(HasSubstr("--format"), HasSubstr("svg"), HasSubstr("mermaid")));
  EXPECT_THAT(said({"inspect", "\x1b[31mred"}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(said({"\x1b[31mred"}), Not(HasSubstr("\x1b")));
}

TEST(CommandLine, HelpIsAlsoACommand) {
  EXPECT_EQ(dfpipe({"help"}).out, dfpipe({"--help"}).out);
  EXPECT_EQ(dfpipe({"help", "run"}).out, dfpipe({"run", "--help"}).out);
  EXPECT_THAT(dfpipe({"help", "graph"}).out, AllOf(HasSubstr("{dot,json,mermaid}"), Not(HasSubstr("->"))));
}

TEST(CommandLine, APieceOfATypesNameListsThoseThatHoldIt) {
  EXPECT_THAT(dfpipe({"inspect", "image"}).err, AllOf(HasSubstr("image-files"), HasSubstr("image-write")));
}

TEST(CommandLine, AFileThatCannotBeWrittenIsNamedWithTheReason) {
  EXPECT_THAT(dfpipe({"inspect", "--pages", "/proc/pages"}).err,
              AllOf(StartsWith("error: /proc/pages: cannot be made: "), Not(HasSubstr("filesystem error"))));
}

TEST(CommandLine, ANumberIsTakenWholeOrNotAtAll) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"--limit", "-1"},         {"--limit", "99999999999999999999999"}, {"--limit", "3x"},  {"--limit", "0x10"},
      {"--seed", "-1"},          {"--seed", "18446744073709551616"},     {"--threads", "0"}, {"--threads", "1025"},
      {"--device-threads", "-2"}};
  for (const auto& [option, value] : wrong)
    for (const std::vector<std::string>& words : {std::vector{option, value}, std::vector{option + "=" + value}}) {
      std::vector<std::string> arguments = {"run", "/no/such/file.yaml"};
      arguments.insert(arguments.end(), words.begin(), words.end());
      const Finished f = dfpipe(arguments);
      EXPECT_EQ(f.exit_code, 2);
      EXPECT_THAT(f.err, AllOf(HasSubstr(option), HasSubstr("'" + value + "' is no whole number"))) << value;
    }
}

TEST(CommandLine, ASignalWhileTheFileIsReadEndsTheProgram) {
  const ScratchFolder folder;
  const std::string fifo = (folder / "pipeline.yaml").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  Process process({DFPIPE_BINARY, "run", fifo}, {.env = {}, .cwd = {}, .limit = std::chrono::seconds(10)});
  std::this_thread::sleep_for(std::chrono::milliseconds(1000));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait().exit_code, 130);
}

TEST(CommandLine, VersionNamesTheAbiAndTheFingerprint) {
  EXPECT_THAT(dfpipe({"--version"}).out, AllOf(HasSubstr("dfpipe "), HasSubstr("ABI"), HasSubstr("gcc")));
}

TEST(CommandLine, AMissingPipelineFileIsSaidAndIsExitCodeTwo) {
  const Finished f = dfpipe({"run", "/no/such/file.yaml"});
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("/no/such/file.yaml"));
}

TEST(CommandLine, AnUnknownTypeIsAnsweredWithTheNearestOne) {
  const Finished f = dfpipe({"inspect", "face-corp"});
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("did you mean 'face-crop'"));
}

TEST(CommandLine, InspectTellsEverythingOfATypeInTextAndJson) {
  EXPECT_THAT(dfpipe({"inspect", "decode"}).out, AllOf(HasSubstr("max_pixels"), HasSubstr("image-info")));
  const Json all = Json::parse(dfpipe({"inspect", "--json"}).out);
  std::set<std::string> types;
  for (const Json& d : all) types.insert(d.at("type"));
  EXPECT_TRUE(types.contains("clip-dora"));
  EXPECT_TRUE(types.contains("detector"));
}

TEST(CommandLine, TheSchemaAcceptsWhatTheProgramAccepts) {
  EXPECT_TRUE(Json::accept(dfpipe({"schema"}).out));
  const std::string source = DFPIPE_SOURCE_DIR;
  const Finished f =
      run_process({"python3", source + "/tests/cli/schema_check.py", DFPIPE_BINARY, source + "/pipelines"});
  if (f.exit_code == 77) GTEST_SKIP() << f.out;
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
}

TEST_F(Drawing, JsonIsTheOnlyThingOnStdout) {
  const Finished f = dfpipe({"run", file(), "--json"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  const Json summary = Json::parse(f.out);
  EXPECT_EQ(summary.at("exit_code"), 0);
  EXPECT_EQ(summary.at("items").at("ok"), 3);
  EXPECT_EQ(summary.at("nodes").size(), 2u);
}

TEST_F(Drawing, QuietSaysNothingWhenAllIsWell) {
  const Finished f = dfpipe({"run", file(), "--quiet"});
  EXPECT_EQ(f.exit_code, 0);
  EXPECT_THAT(f.out, IsEmpty());
  EXPECT_THAT(f.err, IsEmpty());
}

TEST_F(Drawing, QuietDoesNotHideWhatFailed) {
  std::ofstream(folder / "a.png") << "no picture";
  std::ofstream(folder / "bad.yaml") << "pipeline: bad\n"
                                        "nodes:\n"
                                        "  files:  {type: image-files, with: {path: a.png}}\n"
                                        "  decode: {type: decode, in: {bytes: files.bytes}}\n"
                                        "  write:  {type: image-write, in: {image: decode.image, path: files.path}, "
                                        "with: {dir: "
                                     << (folder / "out").string() << "}}\n";
  const Finished f = dfpipe({"run", (folder / "bad.yaml").string(), "--quiet"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, AllOf(HasSubstr("node 'decode'"), HasSubstr("1 in = 0 ok + 1 failed")));
}

TEST_F(Drawing, VerboseNamesThePluginsAndTheProjectRoot) {
  const Finished f = dfpipe({"validate", file(), "--verbose"});
  EXPECT_EQ(f.exit_code, 0);
  EXPECT_THAT(f.err, AllOf(HasSubstr("plugin folder "), HasSubstr("synthetic.so: synthetic-faces"),
                           HasSubstr("belong to " + folder.path().string())));
}

TEST_F(Drawing, AFolderWithoutPluginsIsWarnedOf) {
  const Finished f = dfpipe({"validate", file(), "--plugins", folder.path().string()});
  EXPECT_EQ(f.exit_code, 0);
  EXPECT_THAT(f.err, HasSubstr("holds no plugin"));
}

TEST_F(Drawing, LimitStopsAfterSoManyItems) {
  const Json summary = Json::parse(dfpipe({"run", file(), "--json", "--limit", "2"}).out);
  EXPECT_EQ(summary.at("items").at("in"), 2);
  EXPECT_EQ(summary.at("exit_code"), 0);
}

TEST_F(Drawing, TheTraceHoldsEveryCallOnceAndNamesItsThreads) {
  const auto trace = (folder / "trace.json").string();
  ASSERT_EQ(dfpipe({"run", file(), "--trace", trace, "--threads", "2"}).exit_code, 0);
  std::map<std::string, int> calls;
  std::set<int> named, used;
  const Json whole = Json::parse(read_text(trace));
  for (const Json& event : whole.at("traceEvents")) {
    if (event.at("ph") == "M" && event.at("name") == "thread_name") named.insert(event.at("tid").get<int>());
    if (event.at("ph") != "X") continue;
    ++calls[event.at("name")];
    used.insert(event.at("tid").get<int>());
    EXPECT_GE(event.at("dur").get<double>(), 0);
    EXPECT_TRUE(event.at("args").contains("item"));
  }
  EXPECT_EQ(calls, (std::map<std::string, int>{{"draw", 3}, {"write", 3}}));
  EXPECT_TRUE(std::ranges::includes(named, used));
}

TEST_F(Drawing, ATraceThatCannotBeOpenedIsSaidBeforeTheFirstItem) {
  const Finished f = dfpipe({"run", file(), "--trace", "/no/such/folder/t.json"});
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("/no/such/folder/t.json"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out")) << "items were run";
}

TEST_F(Drawing, ATraceThatCannotBeWrittenDoesNotCostTheSummary) {
  const Finished f = dfpipe({"run", file(), "--trace", "/dev/full"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, AllOf(HasSubstr("3 in = 3 ok"), HasSubstr("/dev/full")));
}

TEST_F(Drawing, ASignalStopsAndASecondDiscards) {
  for (const int signals : {1, 2}) {
    const auto out = folder / ("out" + std::to_string(signals));
    // Many large pictures alive at once, so that finishing them takes longer than the second signal.
    Process process({DFPIPE_BINARY, "run", file(), "--set", "count=100000", "--set", "output=" + out.string(), "--set",
                     "draw.size=1024", "--set", "run.credits=" + std::string(signals == 1 ? "4" : "300")});
    const auto wait_until = [&](const auto& come) {
      while (process.running() && !come()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
    wait_until([&] { return std::filesystem::exists(out) && !std::filesystem::is_empty(out); });
    process.signal(SIGTERM);
    wait_until([&] { return process.err_so_far().find("stopping") != std::string::npos; });
    if (signals == 2) process.signal(SIGTERM);
    const Finished f = process.wait();
    EXPECT_EQ(f.exit_code, 130) << f.err;
    EXPECT_THAT(f.err, HasSubstr("stopping"));
    EXPECT_EQ(f.err.find("discarding") != std::string::npos, signals == 2) << f.err;
  }
}

TEST_F(Drawing, AnOutputThatCannotBeMadeEndsTheRunWithItsPath) {
  const Finished f = dfpipe({"run", file(), "--set", "output=/dev/null/x"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, HasSubstr("/dev/null/x"));
}

}  // namespace
}  // namespace dfpipe::testing
