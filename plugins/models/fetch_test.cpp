#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "test_server.hpp"
#include "testing/toolbox.hpp"

namespace dfpipe::models {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// `dfpipe model fetch` from outside, with a list of two models that the test's server has.
class Fetch : public ::testing::Test {
 protected:
  Fetch() { write_list("lamp", {"ok"}); }
  void write_list(const std::string& name, const std::vector<std::string>& behaviours) const {
    const ListedFile file = server.listed(behaviours);
    const nlohmann::json json = {
        {"models",
         {{name,
           {{"about", "A lamp."},
            {"publisher", "https://lamps.invalid"},
            {"licence", "MIT"},
            {"files", {{{"name", "file.bin"}, {"size", file.size}, {"sha256", file.sha256}, {"urls", file.urls}}}}}}}}};
    folder.write("list.json", json.dump());
  }
  static std::vector<std::string> program(const std::vector<std::string>& arguments) {
    static const testing::Toolbox toolbox({"models.so"});
    return toolbox.command_line(arguments);
  }
  std::vector<std::string> command_line(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"model", "fetch"});
    arguments.insert(arguments.end(), {"--catalog", (folder / "list.json").string(), "--retry-wait", "0"});
    return program(arguments);
  }
  testing::ProcessOptions here() const { return {.env = {}, .cwd = folder.path(), .limit = std::chrono::seconds(60)}; }
  Finished fetch(const std::vector<std::string>& arguments) const {
    return testing::run_process(command_line(arguments), here());
  }
  TestServer server;
  testing::ScratchFolder folder;
};

TEST_F(Fetch, PutsAModelIntoItsFolderAndPrintsIt) {
  const Finished f = fetch({"lamp"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(f.out, "models/lamp\n");
  EXPECT_THAT(f.err, AllOf(HasSubstr("licence: MIT; https://lamps.invalid"),
                           HasSubstr("models/lamp/file.bin: 40.0 kB, sha256 as listed\n")));
  EXPECT_TRUE(testing::read_text(folder / "models/lamp/file.bin") == server.content());
  EXPECT_THAT(fetch({"lamp", "--to", "./models/lamp"}).err, HasSubstr("was there already"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Fetch, ListsTheModelsWithTheirLicences) {
  const Finished f = testing::run_process(program({"model", "fetch", "--list"}));
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, AllOf(HasSubstr("clip-vit-large-patch14\n"), HasSubstr("mediapipe-face-landmarker\n"),
                           HasSubstr("yunet-2023mar\n"), HasSubstr("1.71 GB; licence: MIT"), HasSubstr("Apache-2.0")));
}

TEST_F(Fetch, TakesAMirrorInPlaceOfTheListsAddresses) {
  write_list("ok", {"status/404/9"});
  ASSERT_EQ(fetch({"ok", "--mirror", server.address() + "/"}).exit_code, 0);
  EXPECT_THAT(server.requests().at(0), StartsWith("/ok/file.bin "));
}

TEST_F(Fetch, WrongUsageIsExitCodeTwo) {
  const auto said = [&](const std::vector<std::string>& arguments) {
    const Finished f = fetch(arguments);
    EXPECT_EQ(f.exit_code, 2) << f.err;
    EXPECT_EQ(std::ranges::count(f.err, '\n'), 1) << f.err;
    return f.err;
  };
  EXPECT_THAT(said({}), HasSubstr("name a model; there are: lamp"));
  EXPECT_THAT(said({"lmap"}), HasSubstr("no model 'lmap' in the list; there are: lamp"));
  EXPECT_THAT(said({"lamp", "--mirror", "ftp://a"}), HasSubstr("--mirror wants an address"));
  EXPECT_THAT(said({"lamp", "--retries", "-1"}), HasSubstr("--retries"));
  EXPECT_THAT(said({"lamp", "--stall", "0"}), HasSubstr("--stall"));
  EXPECT_THAT(said({"lamp", "lamp"}), HasSubstr("unexpected argument"));
  EXPECT_FALSE(fs::exists(folder / "models"));
}

TEST_F(Fetch, WhatGoesWrongIsOneLineAndExitCodeOne) {
  const auto said = [&](const std::vector<std::string>& arguments) {
    const Finished f = fetch(arguments);
    EXPECT_EQ(f.exit_code, 1) << f.err;
    EXPECT_THAT(f.out, IsEmpty());
    const std::string error = f.err.substr(std::min(f.err.find("error: "), f.err.size()));
    EXPECT_EQ(std::ranges::count(error, '\n'), 1) << f.err;
    return error;
  };
  EXPECT_THAT(said({"lamp", "--to", "/proc/lamp"}), HasSubstr("/proc/lamp: cannot be made: "));
  folder.write("taken", "a file");
  EXPECT_THAT(said({"lamp", "--to", "taken"}), HasSubstr("taken: cannot be made: "));
  EXPECT_THAT(said({"lamp", "--proxy", "http://127.0.0.1:1", "--retries", "0"}),
              HasSubstr("file.bin: cannot be fetched"));
  EXPECT_THAT(said({"lamp", "--ca-file", "/no/such/file", "--mirror", "https://127.0.0.1:1", "--retries", "0"}),
              HasSubstr("file.bin: cannot be fetched"));
  write_list("lamp", {"wrong"});
  EXPECT_THAT(said({"lamp"}), HasSubstr("the listed one's " + server.listed({}).sha256));
  folder.write("list.json", "{\"models\": 3}");
  EXPECT_THAT(said({"lamp"}), HasSubstr("list.json: 'models' is no object"));
}

TEST_F(Fetch, ADiskThatIsFullIsSaidAndThePartIsKept) {
  std::vector<std::string> limited = {"bash", "-c", "trap '' XFSZ; ulimit -f 10; exec \"$@\"", "bash"};
  const auto words = command_line({"lamp"});
  limited.insert(limited.end(), words.begin(), words.end());
  const Finished f = testing::run_process(limited, here());
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.err, HasSubstr("error: models/lamp/file.bin.part: cannot be written: "));
  EXPECT_EQ(fs::file_size(folder / "models/lamp/file.bin.part"), 10240u);
  ASSERT_EQ(fetch({"lamp"}).exit_code, 0);
  EXPECT_THAT(server.requests().back(), HasSubstr("range=bytes=10240-"));
}

TEST_F(Fetch, AnInterruptedOneIsGoneOnWithAndASecondAtOnceIsRefused) {
  write_list("lamp", {"slow"});
  testing::Process first(command_line({"lamp"}), here());
  const fs::path part = folder / "models/lamp/file.bin.part";
  std::error_code ignored;
  while (first.running() && !(fs::exists(part) && fs::file_size(part, ignored) > 2000))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const Finished second = fetch({"lamp"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("models/lamp: another run is writing there"));
  first.signal(SIGINT);
  const Finished f = first.wait();
  EXPECT_EQ(f.exit_code, 130) << f.err;
  EXPECT_THAT(f.err, HasSubstr("the next call goes on behind"));
  ASSERT_EQ(fetch({"lamp"}).exit_code, 0);
  EXPECT_TRUE(testing::read_text(folder / "models/lamp/file.bin") == server.content());
  EXPECT_THAT(server.requests().back(), Not(HasSubstr("range= ")));
}

}  // namespace
}  // namespace dfpipe::models
