#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "testing/process.hpp"
#include "testing/toolbox.hpp"

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const fs::path modules = fs::path(DFPIPE_BINARY_DIR) / "tests/plugins/modules";

std::vector<std::string> command_line(const std::vector<std::string>& arguments) {
  static const Toolbox toolbox({modules / "commands/commands.so"});
  return toolbox.command_line(arguments);
}

Finished dfpipe(const std::vector<std::string>& arguments) { return run_process(command_line(arguments)); }

/// What stands in the one line on stderr, after a usage error.
std::string usage_error(const std::vector<std::string>& arguments) {
  const Finished f = dfpipe(arguments);
  EXPECT_EQ(f.exit_code, 2) << f.out << f.err;
  EXPECT_THAT(f.out, IsEmpty());
  EXPECT_EQ(std::ranges::count(f.err, '\n'), 1) << f.err;
  EXPECT_THAT(f.err, AllOf(StartsWith("error: "), Not(HasSubstr("\x1b"))));
  return f.err;
}

TEST(PluginCommand, GetsItsDefaults) {
  const Finished f = dfpipe({"show", "all", "here"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(f.out, "here|plain|40|0.500000|1;2;||||quiet|checked\nno terminal\n");
  EXPECT_THAT(f.err, IsEmpty()) << "progress is for terminals";
}

TEST(PluginCommand, GetsWhatIsGivenInAnyOrder) {
  const Finished f =
      dfpipe({"show", "all", "--tags=a,b c", "--loud", "here", "--batch", "1,8,32", "fancy", "--lamp-watts", "7",
              "--ratio", "-1.5", "--title", "two words, one comma", "--output", "out/x", "--no-check", "--tags", "d"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, StartsWith("here|fancy|7|-1.500000|1;8;32;|a;b c;d;|two words, one comma|out/x|loud|unchecked\n"));
}

TEST(PluginCommand, TakesAListOfArgumentsAsTheyAre) {
  EXPECT_EQ(dfpipe({"show", "joined", "a", "b,c", "-q", "d"}).out, "<a><b,c><d>\n");
  EXPECT_EQ(dfpipe({"show", "joined", "--", "-e", "--f"}).out, "<-e><--f>\n");
}

TEST(PluginCommand, WithoutParametersRunsAndRefusesArguments) {
  EXPECT_EQ(dfpipe({"bare"}).out, "bare\n");
  EXPECT_THAT(usage_error({"bare", "x"}), HasSubstr("unexpected argument 'x'"));
}

TEST(PluginCommand, AWrongValueIsOneSentenceThatNamesItsOption) {
  EXPECT_THAT(usage_error({"show", "all"}), HasSubstr("dir is required"));
  EXPECT_THAT(usage_error({"show", "all", ""}), HasSubstr("dir is empty"));
  EXPECT_THAT(usage_error({"show", "all", "x", "fancey"}),
              AllOf(HasSubstr("label"), HasSubstr("did you mean 'fancy'")));
  EXPECT_THAT(usage_error({"show", "all", "x", "fancy", "y"}), HasSubstr("unexpected argument 'y'"));
  for (const char* watts : {"many", "", "1.5", "9999999999999999999999", "0x10", "7 "})
    EXPECT_THAT(usage_error({"show", "all", "x", "--lamp-watts", watts}),
                HasSubstr("--lamp-watts wants integer, not '" + std::string(watts) + "'"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--lamp-watts=101"}), HasSubstr("--lamp-watts: 101 is outside 1 … 100"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--ratio", "nan"}), HasSubstr("--ratio wants real, not 'nan'"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--batch", "1,two"}), HasSubstr("--batch wants real, not 'two'"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--batch", "1,65"}), HasSubstr("--batch: 65 is outside 1 … 64"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--batch", "1,,2"}), HasSubstr("--batch holds an empty piece"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--tags", ""}), HasSubstr("--tags holds an empty piece"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--output", ""}), HasSubstr("--output is empty"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--loud=often"}), HasSubstr("--loud"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--title"}), HasSubstr("--title"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--title", "a", "--title", "b"}), HasSubstr("--title"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--lamp_watts", "7"}),
              AllOf(HasSubstr("unknown option '--lamp_watts'"), HasSubstr("did you mean '--lamp-watts'")));
}

TEST(PluginCommand, TakesAnyBytesInAPathAndOnlyTextElsewhere) {
  EXPECT_THAT(dfpipe({"show", "all", "b\xff\xc3"}).out, StartsWith("b\xff\xc3|"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--title", "\xff"}), HasSubstr("--title is not UTF-8 text"));
  EXPECT_THAT(usage_error({"show", "all", "x", "--tags", "a,\xc3"}), HasSubstr("--tags is not UTF-8 text"));
  EXPECT_THAT(usage_error({"show", "all", "x", "\xed\xa0\x80"}), HasSubstr("label is not UTF-8 text"));
  EXPECT_THAT(usage_error({"show", "\xff\x1b[31m"}), HasSubstr("no command 'show "));
}

TEST(PluginCommand, AnUnknownOneIsAnsweredWithTheNearest) {
  EXPECT_THAT(usage_error({"shwo"}), AllOf(HasSubstr("no command 'shwo'"), HasSubstr("did you mean 'show'")));
  EXPECT_THAT(usage_error({"show", "lal"}), AllOf(HasSubstr("no command 'show lal'"), HasSubstr("'show all'")));
  EXPECT_THAT(usage_error({"show", "lal", "--help"}), HasSubstr("'show all'"));
  EXPECT_THAT(usage_error({"help", "barre"}), HasSubstr("did you mean 'bare'"));
  EXPECT_THAT(usage_error({"show"}), HasSubstr("no command is given; dfpipe show --help lists them"));
}

TEST(PluginCommand, HelpListsTheCommandsTheGroupAndTheOptions) {
  EXPECT_THAT(dfpipe({"--help"}).out,
              AllOf(HasSubstr("validate"), HasSubstr("show all"), HasSubstr("Shows what it was given")));
  EXPECT_THAT(dfpipe({"show", "--help"}).out, AllOf(HasSubstr("all "), HasSubstr("joined"), HasSubstr("Joins words")));
  const Finished one = dfpipe({"show", "all", "--help"});
  EXPECT_EQ(one.exit_code, 0);
  for (const char* text : {"dir", "--lamp-watts", "how bright (1 … 100 W; default 40)", "--no-check", "(default 1,2)",
                           "plain, fancy", "dfpipe show all here --loud"})
    EXPECT_THAT(one.out, HasSubstr(text == std::string("(default 1,2)") ? "1 … 64; default 1,2" : text));
  EXPECT_EQ(dfpipe({"help", "show", "all"}).out, one.out);
  EXPECT_EQ(dfpipe({"help", "show"}).out, dfpipe({"show", "--help"}).out);
}

TEST(PluginCommand, ItsCodeIsTheProgramsWhenItMeansSomething) {
  for (const int code : {0, 1, 2, 3})
    EXPECT_EQ(dfpipe({"odd", "code", "--code", std::to_string(code)}).exit_code, code);
  for (const char* code : {"4", "-1", "77", "130", "256"}) {
    const Finished f = dfpipe({"odd", "code", "--code", code});
    EXPECT_EQ(f.exit_code, 1) << code;
    EXPECT_THAT(f.err, HasSubstr("'odd code' ended with the code " + std::string(code) + ", which means nothing"));
  }
}

TEST(PluginCommand, WhatItThrowsIsOneLine) {
  const std::vector<std::tuple<std::string, int, std::string>> all = {
      {"error", 1, "error: the wick is wet\n"},
      {"usage", 2, "error: give --oil or --gas\n"},
      {"fatal", 1, "error: the lamp is gone\n"},
      {"memory", 1, "error: the memory is exhausted\n"},
      {"number", 1, "error: the command 'odd throw' threw something that is not a std::exception\n"},
      {"nothing", 1, "error: an exception without a message\n"},
      {"lines", 1, "error: one two ?[31mthree\n"}};
  for (const auto& [what, code, message] : all) {
    const Finished f = dfpipe({"odd", "throw", what});
    EXPECT_EQ(f.exit_code, code) << what;
    EXPECT_EQ(f.err, message);
  }
}

/// The command line with stdout sent to a file.
std::vector<std::string> redirected(const std::vector<std::string>& arguments, const std::string& file) {
  std::vector<std::string> shell = {"bash", "-c", "out=$1; shift; exec \"$@\" > \"$out\"", "bash", file};
  const auto words = command_line(arguments);
  shell.insert(shell.end(), words.begin(), words.end());
  return shell;
}

TEST(PluginCommand, AFullStdoutIsAnErrorAndNoCrash) {
  const Finished f = run_process(redirected({"bare"}, "/dev/full"));
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_EQ(f.err, "error: stdout cannot be written\n");
}

Finished stopped(const std::vector<std::string>& arguments, int signals) {
  const ScratchFolder folder;
  const std::string out = (folder / "out").string();
  Process process(redirected(arguments, out), {.env = {}, .cwd = {}, .limit = std::chrono::seconds(25)});
  const auto wait_until = [&](const auto& come) {
    while (process.running() && !come()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  wait_until([&] { return std::filesystem::exists(out) && read_text(out) == "waiting\n"; });
  process.signal(SIGINT);
  wait_until([&] { return process.err_so_far().find("stopping") != std::string::npos; });
  if (signals == 2) process.signal(SIGTERM);
  return process.wait();
}

TEST(PluginCommand, ASignalAsksItToStopAndASecondEndsIt) {
  const Finished asked = stopped({"odd", "wait"}, 1);
  EXPECT_EQ(asked.exit_code, 130);
  EXPECT_THAT(asked.err, HasSubstr("error: stopped before the end"));
  EXPECT_EQ(stopped({"odd", "wait", "--stubborn"}, 2).exit_code, 130);
}

TEST(PluginCommand, ThatEndsWellAfterASignalIsDone) { EXPECT_EQ(stopped({"odd", "wait", "--finish"}, 1).exit_code, 0); }

TEST(PluginCommand, IsInspectedLikeANode) {
  EXPECT_THAT(dfpipe({"inspect"}).out, HasSubstr("(command) Shows what it was given\n"));
  EXPECT_THAT(dfpipe({"inspect", "show all"}).out, AllOf(HasSubstr("dfpipe show all DIR [LABEL] [options]"),
                                                         HasSubstr("--lamp-watts: integer, 40  (1 … 100) W")));
  EXPECT_THAT(dfpipe({"inspect", "show al"}).err, HasSubstr("there are: show all"));
  const auto json = nlohmann::json::parse(dfpipe({"inspect", "show all", "--json"}).out).at(0);
  EXPECT_EQ(json.at("kind"), "command");
  EXPECT_EQ(json.at("parameters").at(0).at("positional"), true);
  EXPECT_EQ(json.at("parameters").at(2).at("max"), 100);
}

TEST(PluginCommand, HasAReferencePage) {
  const ScratchFolder folder;
  ASSERT_EQ(dfpipe({"inspect", "--command-pages", folder.path().string()}).exit_code, 0);
  EXPECT_THAT(read_text(folder / "index.md"),
              HasSubstr("[show all](show-all.md) | commands.so | Shows what it was given. |"));
  EXPECT_THAT(read_text(folder / "show-all.md"),
              AllOf(StartsWith("# show all\n"), HasSubstr("| `--lamp-watts` | integer | 40 | 1 … 100 W | how bright |"),
                    HasSubstr("| `DIR` | path | required |")));
  EXPECT_FALSE(std::filesystem::exists(folder / "decode.md"));
}

TEST(PluginCommand, TheProgramsOwnCommandsDoNotLoadPlugins) {
  const std::string broken = (modules / "throws").string();
  for (const std::vector<std::string>& own :
       {std::vector<std::string>{"--version"}, {"run", "--help"}, {"help", "run"}, {"run"}, {}, {"--verson"}}) {
    std::vector<std::string> arguments = own;
    arguments.insert(arguments.end(), {"--plugins", broken});
    EXPECT_THAT(dfpipe(arguments).err, Not(HasSubstr("magic lantern"))) << ::testing::PrintToString(own);
  }
}

TEST(PluginCommand, ABrokenPluginDoesNotCostTheHelp) {
  const std::string broken = (modules / "throws").string();
  const Finished help = dfpipe({"--help", "--plugins", broken});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("validate"));
  EXPECT_THAT(help.err, AllOf(StartsWith("warning: "), HasSubstr("magic lantern")));
  const Finished command = dfpipe({"bare", "--plugins", broken});
  EXPECT_EQ(command.exit_code, 2);
  EXPECT_THAT(command.err, HasSubstr("magic lantern"));
}

TEST(PluginCommand, MayNotHaveTheNameOfAnOwnOne) {
  const Finished f = dfpipe({"inspect", "--plugins", (modules / "command_builtin").string()});
  EXPECT_EQ(f.exit_code, 2);
  EXPECT_THAT(f.err, HasSubstr("'run fast', but 'run' is a command of dfpipe itself"));
}

}  // namespace
}  // namespace dfpipe::testing
