#include "http/access_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "testing/scratch_folder.hpp"

namespace dfpipe::server {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ScratchFolder;

const AccessRecord record = {.request_id = "0123",
                             .remote = "::1",
                             .method = "POST",
                             .route = "predict",
                             .target = "/predict",
                             .status = 200,
                             .code = "",
                             .received = 1234,
                             .sent = 56,
                             .seconds = std::chrono::microseconds(12345),
                             .key_name = "anna"};

constexpr std::chrono::system_clock::time_point epoch{};

TEST(AccessLog, ALineIsOneJsonObject) {
  using namespace std::chrono_literals;
  EXPECT_EQ(
      access_line(record, epoch + 1'000'000'000s + 7ms),
      R"({"time":"2001-09-09T01:46:40.007Z","request_id":"0123","remote":"::1","method":"POST","route":"predict",)"
      R"("target":"/predict","status":200,"code":"","received":1234,"sent":56,"ms":12.345,"key":"anna"})");
}

TEST(AccessLog, WhatAClientSendsStaysPlainAscii) {
  AccessRecord odd = record;
  odd.target = std::string("/\"\\\n\x1b[31m\x7f\xff") + '\0' + "\xC2\x9B\xE2\x80\xA8\xC3\xB6";
  const std::string line = access_line(odd, epoch);
  for (const char c : line) ASSERT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
  EXPECT_EQ(json::parse(line)["target"],
            std::string("/\"\\\n\x1b[31m\x7f\xEF\xBF\xBD") + '\0' + "\xC2\x9B\xE2\x80\xA8\xC3\xB6");
}

TEST(AccessLog, AppendsToItsFile) {
  const ScratchFolder folder;
  folder.write("log", "earlier\n");
  const std::string file = folder / "log";
  AccessLog(file).write(record);
  AccessLog(file).write(record);
  const auto lines = folder.lines("log");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "earlier");
  EXPECT_EQ(json::parse(lines[2])["route"], "predict");
}

TEST(AccessLog, GoesToStderrOrNowhere) {
  ::testing::internal::CaptureStderr();
  AccessLog("-").write(record);
  EXPECT_EQ(json::parse(::testing::internal::GetCapturedStderr())["target"], "/predict");
  ::testing::internal::CaptureStderr();
  AccessLog("").write(record);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), IsEmpty());
}

TEST(AccessLog, LinesOfSeveralThreadsStayWhole) {
  const ScratchFolder folder;
  const std::string file = folder / "log";
  AccessLog one(file), two(file);  // as two processes would
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      AccessRecord mine = record;
      mine.target = "/" + std::string(150 + i, static_cast<char>('a' + i));
      for (int k = 0; k < 100; ++k) (i % 2 == 0 ? one : two).write(mine);
    });
  threads.clear();
  const auto lines = folder.lines("log");
  ASSERT_EQ(lines.size(), 800u);
  for (const std::string& line : lines) {
    const std::string target = json::parse(line)["target"];
    EXPECT_EQ(target, "/" + std::string(150 + (target[1] - 'a'), target[1]));
  }
  EXPECT_EQ(one.lost() + two.lost(), 0u);
}

TEST(AccessLog, AFullDiskLosesLinesAndIsWarnedOfOnce) {
  AccessLog full("/dev/full");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) full.write(record);
  const std::string said = ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(full.lost(), 3u);
  const std::string warning = "/dev/full: the access log cannot be written: No space left on device";
  ASSERT_THAT(said, HasSubstr(warning));
  EXPECT_EQ(said.find(warning, said.find(warning) + 1), std::string::npos);
}

TEST(AccessLog, ALineThatWasCutOffSpoilsNoOther) {
  const ScratchFolder folder;
  AccessLog log(folder / "log");
  log.write(record);
  // Room for a line and a half, then for all again.
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small = {.rlim_cur = access_line(record, epoch).size() * 3 / 2, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  log.write(record);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, before);
  log.write(record);
  EXPECT_EQ(log.lost(), 1u);
  const auto lines = folder.lines("log");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(json::accept(lines[0]));
  EXPECT_FALSE(json::accept(lines[1]));
  EXPECT_TRUE(json::accept(lines[2]));
}

TEST(AccessLog, AFileThatCannotBeOpenedIsAnError) {
  const ScratchFolder folder;
  EXPECT_THROW(AccessLog((folder / "none/log").string()), std::runtime_error);
  EXPECT_THROW(AccessLog(folder.path().string()), std::runtime_error);
}

}  // namespace
}  // namespace dfpipe::server
