#include "download.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "dfpipe/error.hpp"
#include "dfpipe/sha256.hpp"
#include "test_server.hpp"

namespace dfpipe::models {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class QuietConsole : public Console {
 public:
  void print(const std::string&) override {}
  void progress(const std::string&) override {}
  bool terminal() const override { return false; }
  std::stop_token stop() const override { return source.get_token(); }
  std::stop_source source;
};

class Download : public ::testing::Test {
 protected:
  Fetched fetch_file(const ListedFile& file) { return download(file, target, options, console); }
  Fetched fetch(const std::vector<std::string>& behaviours) { return fetch_file(server.listed(behaviours)); }
  /// What is said when the file cannot be had.
  std::string refusal_of(const ListedFile& file) {
    try {
      fetch_file(file);
    } catch (const Error& e) {
      EXPECT_FALSE(std::filesystem::exists(target));
      return e.what();
    }
    return "no refusal";
  }
  std::string refusal(const std::vector<std::string>& behaviours) { return refusal_of(server.listed(behaviours)); }
  /// The whole file is there, and nothing else.
  void expect_whole() {
    EXPECT_TRUE(testing::read_text(target) == server.content());
    expect_alone();
  }
  void expect_alone() {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      EXPECT_EQ(entry.path().filename(), "file.bin");
  }
  /// Leaves a part as an interrupted process would.
  void leave_part(const std::string& content, const std::string& url, const std::string& validator) {
    folder.write("file.bin.part", content);
    folder.write("file.bin.part.json", R"({"url": ")" + url + R"(", "validator": ")" + validator + R"("})");
  }

  TestServer server;
  testing::ScratchFolder folder;
  std::filesystem::path target = folder / "file.bin";
  DownloadOptions options{.proxy = {}, .ca_file = {}, .retries = 3, .retry_wait = 1ms, .stall = 30s};
  QuietConsole console;
};

TEST_F(Download, BringsAWholeFileAndLeavesNothingElse) {
  EXPECT_EQ(fetch({"ok"}), Fetched::now);
  expect_whole();
  EXPECT_THAT(server.requests(), ElementsAre("/ok/file.bin range= if-range="));
}

TEST_F(Download, DoesNotFetchAgainWhatIsThereAndRight) {
  fetch({"ok"});
  EXPECT_EQ(fetch({"ok"}), Fetched::before);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Download, ReplacesAFileThatIsNotTheListedOne) {
  folder.write("file.bin", "something else");
  EXPECT_EQ(fetch({"ok"}), Fetched::now);
  expect_whole();
  folder.write("file.bin", std::string(server.content().size(), 'x'));
  EXPECT_EQ(fetch({"ok"}), Fetched::now);
  expect_whole();
}

TEST_F(Download, GoesOnAfterAShortRead) {
  fetch({"cut/2"});
  expect_whole();
  EXPECT_THAT(server.requests(),
              ElementsAre("/cut/2/file.bin range= if-range=", "/cut/2/file.bin range=bytes=20000- if-range=\"1\"",
                          "/cut/2/file.bin range=bytes=30000- if-range=\"1\""));
}

TEST_F(Download, GoesOnAfterABodyWithoutALengthThatEndsEarly) {
  fetch({"early"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("range=bytes=20000-"));
}

TEST_F(Download, GoesOnWithWhatAnEarlierProcessHasLeft) {
  leave_part(server.content().substr(0, 12345), server.url("ok"), "\\\"1\\\"");
  fetch({"ok"});
  expect_whole();
  EXPECT_THAT(server.requests(), ElementsAre("/ok/file.bin range=bytes=12345- if-range=\"1\""));
}

TEST_F(Download, APartThatIsWholeNeedsNoServer) {
  leave_part(server.content(), "http://127.0.0.1:1/gone", "\\\"1\\\"");
  fetch({"ok"});
  expect_whole();
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(Download, GoesOnByDateWhereTheTagIsWeak) {
  fetch({"weak"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("range=bytes=20000- if-range=Mon, 01 Jan 2024"));
}

TEST_F(Download, BeginsAgainWhereNothingTellsThatTheFileIsTheSame) {
  fetch({"unmarked"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("range= if-range="));
  leave_part(server.content().substr(0, 100), "http://elsewhere/file.bin", "\\\"1\\\"");
  std::filesystem::remove(target);
  fetch({"ok"});
  EXPECT_THAT(server.requests().at(2), HasSubstr("/ok/file.bin range= "));
}

TEST_F(Download, NotesThatCannotBeReadAreNoReasonToFail) {
  for (const std::string notes : {"", "{", "[]", R"({"url": 3})", R"({"url": "\uD800"})", "\xff\xfe"}) {
    folder.write("file.bin.part", "rubbish");
    folder.write("file.bin.part.json", notes);
    std::filesystem::remove(target);
    EXPECT_EQ(fetch({"ok"}), Fetched::now) << notes;
    expect_whole();
  }
}

TEST_F(Download, APartThatIsLongerThanTheFileIsDropped) {
  leave_part(server.content() + "more", server.url("ok"), "\\\"1\\\"");
  fetch({"ok"});
  expect_whole();
}

TEST_F(Download, TakesTheWholeFileFromAServerThatIgnoresRanges) {
  fetch({"norange"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("range=bytes=20000-"));
}

TEST_F(Download, NeverGluesTwoVersions) {
  fetch({"changed"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("if-range=\"old\""));
  std::filesystem::remove(target);
  fetch({"glue"});  // gives the new file's rest though the old one's was asked for
  expect_whole();
  EXPECT_THAT(server.requests(), ::testing::Contains("/glue/file.bin range= if-range=").Times(2));
}

TEST_F(Download, DoesNotTakeAnotherRangeThanItAskedFor) {
  fetch({"shift"});
  expect_whole();
}

TEST_F(Download, BeginsAgainWhenTheServerHasNoSuchRange) {
  fetch({"past"});
  expect_whole();
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(Download, DeletesAFileWithAnotherHashAndSaysBoth) {
  const std::string reversed(server.content().rbegin(), server.content().rend());
  EXPECT_THAT(refusal({"wrong"}), AllOf(HasSubstr(sha256_hex(reversed)), HasSubstr(sha256_hex(server.content())),
                                        HasSubstr(server.url("wrong")), Not(HasSubstr("\n"))));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Download, ADamagedBeginningDoesNotSpeakAgainstTheServer) {
  leave_part(std::string(1000, 'x'), server.url("ok"), "\\\"1\\\"");
  fetch({"ok"});
  expect_whole();
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(Download, AFileOfAnotherLengthIsRefusedBeforeItIsRead) {
  EXPECT_THAT(refusal({"longer"}), HasSubstr("has a file of 40004 bytes, the listed one has 40000"));
  EXPECT_THAT(refusal({"promise"}), HasSubstr("has a file of 40010 bytes"));
  EXPECT_THAT(refusal({"endless"}), HasSubstr("more than the listed 40000 bytes"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(Download, GivesUpAfterSoManyTriesThatBringNothingNew) {
  EXPECT_THAT(refusal({"status/500/100"}), HasSubstr("the server answers 500"));
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(Download, TriesThatBringSomethingAreNotCounted) {
  options.retries = 1;
  fetch({"cut/6"});
  expect_whole();
}

TEST_F(Download, TriesAgainAfterAServerError) {
  fetch({"status/500/2"});
  expect_whole();
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(Download, WaitsAsLongAsABusyServerAsks) {
  const auto start = std::chrono::steady_clock::now();
  fetch({"busy"});
  expect_whole();
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
}

TEST_F(Download, AMissingFileIsNotAskedForTwice) {
  EXPECT_THAT(refusal({"status/404/100"}), AllOf(HasSubstr("file.bin: cannot be fetched: "), HasSubstr("answers 404")));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Download, TakesTheAddressesInOrder) {
  fetch({"status/404/9", "wrong", "longer", "ok"});
  expect_whole();
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(Download, SaysOfEveryAddressWhyItDoesNot) {
  options.retries = 0;
  ListedFile file = server.listed({"status/404/9", "status/503/9"});
  file.urls.push_back("http://user:secret@127.0.0.1:1/file.bin");
  EXPECT_THAT(refusal_of(file), AllOf(HasSubstr("answers 404; "), HasSubstr("answers 503; "),
                                      HasSubstr("http://127.0.0.1:1/file.bin: "), Not(HasSubstr("secret"))));
}

TEST_F(Download, FollowsRedirectsButNotForEverAndNotAnywhere) {
  fetch({"redirect"});
  expect_whole();
  std::filesystem::remove(target);
  EXPECT_THAT(refusal({"loop"}), HasSubstr("redirects"));
  EXPECT_THAT(refusal({"away"}), HasSubstr("file"));
}

TEST_F(Download, AnUnknownCertificateIsRefusedAtOnceUnlessItIsNamed) {
  ListedFile file = server.listed({});
  file.urls = {server.secure_address() + "/ok/file.bin"};
  EXPECT_THAT(refusal_of(file), HasSubstr("certificate"));
  EXPECT_THAT(server.requests(), IsEmpty());
  options.ca_file = server.certificate();
  fetch_file(file);
  expect_whole();
}

TEST_F(Download, NeverLeavesHttpsForHttp) {
  options.ca_file = server.certificate();
  ListedFile file = server.listed({"up"});
  fetch_file(file);
  expect_whole();
  std::filesystem::remove(target);
  file.urls = {server.secure_address() + "/down/file.bin"};
  EXPECT_THAT(refusal_of(file), HasSubstr("http"));
  EXPECT_THAT(server.requests(), Not(::testing::Contains("/ok/file.bin range= if-range=").Times(2)));
}

TEST_F(Download, ARefusedConnectionIsSaid) {
  options.retries = 1;
  ListedFile file = server.listed({});
  file.urls = {"http://127.0.0.1:1/file.bin"};
  EXPECT_THAT(refusal_of(file), AllOf(HasSubstr("127.0.0.1"), HasSubstr("connect")));
}

TEST_F(Download, AConnectionThatBringsNothingIsGivenUpAndGoneOnWith) {
  options.stall = 1s;
  fetch({"stall"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("range=bytes=20000-"));
}

TEST_F(Download, AServerThatNeverAnswersIsGivenUp) {
  options.stall = 1s;
  options.retries = 0;
  EXPECT_THAT(refusal({"silent"}), HasSubstr("/silent/file.bin: nothing has come for 1 s"));
}

TEST_F(Download, GoesThroughAProxyOfTheEnvironmentOrTheOptions) {
  ListedFile file = server.listed({});
  file.urls = {"http://models.invalid/ok/file.bin"};
  ::setenv("http_proxy", server.address().c_str(), 1);
  EXPECT_EQ(fetch_file(file), Fetched::now);
  std::filesystem::remove(target);
  ::setenv("no_proxy", "models.invalid", 1);
  options.retries = 0;
  EXPECT_THAT(refusal_of(file), HasSubstr("models.invalid"));
  ::unsetenv("http_proxy");
  options.proxy = server.address();
  EXPECT_EQ(fetch_file(file), Fetched::now);
  EXPECT_THAT(server.requests(),
              ElementsAre("/ok/file.bin range= if-range= proxied", "/ok/file.bin range= if-range= proxied"));
}

TEST_F(Download, AStopLeavesAPartThatIsGoneOnWith) {
  std::jthread stopper([this] {
    const auto part = folder / "file.bin.part";
    std::error_code ignored;
    while (!(std::filesystem::file_size(part, ignored) > 2000 && !ignored)) std::this_thread::sleep_for(1ms);
    console.source.request_stop();
  });
  EXPECT_THAT(refusal({"slow"}), HasSubstr("file.bin: stopped; the next call goes on behind"));
  const auto brought = std::filesystem::file_size(folder / "file.bin.part");
  EXPECT_LT(brought, server.content().size());
  console.source = {};
  fetch({"slow"});
  expect_whole();
  EXPECT_THAT(server.requests().at(1), HasSubstr("range=bytes=" + std::to_string(brought) + "-"));
}

TEST_F(Download, AStopEndsAWaitAtOnce) {
  options.retry_wait = 60s;
  std::jthread stopper([this] {
    while (server.requests().empty()) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(50ms);
    console.source.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal({"status/500/9"}), HasSubstr("stopped"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST_F(Download, WhatCannotBeWrittenIsNamedWithTheReason) {
  target = "/proc/file.bin";
  EXPECT_THROW(fetch({"ok"}), Fatal);
  target = folder / "folder";
  std::filesystem::create_directory(target);
  EXPECT_THROW(fetch({"ok"}), Error);
  target = folder / "fifo";
  ASSERT_EQ(mkfifo((target.string() + ".part").c_str(), 0600), 0);
  EXPECT_THROW(fetch({"ok"}), Fatal);
}

TEST_F(Download, MoreThanTheDiskHasIsRefusedBeforeTheFirstByte) {
  ListedFile file = server.listed({"ok"});
  file.size = std::uint64_t{1} << 50;
  try {
    fetch_file(file);
    FAIL() << "a petabyte was begun";
  } catch (const Fatal& e) {
    EXPECT_THAT(e.what(), AllOf(HasSubstr("the disk has "), HasSubstr("file.bin needs 1126 TB")));
  }
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(BytesText, IsShort) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(1000), "1.00 kB");
  EXPECT_EQ(bytes_text(999499), "999 kB");
  EXPECT_EQ(bytes_text(999500), "1.00 MB");
  EXPECT_EQ(bytes_text(1710540580), "1.71 GB");
}

}  // namespace
}  // namespace dfpipe::models
