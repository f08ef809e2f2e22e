#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "observe/progress.hpp"
#include "observe/summary.hpp"

namespace dfpipe::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

engine::Snapshot half_done() {
  engine::Snapshot s;
  s.total = 200;
  s.emitted = 103;
  s.ok = 98;
  s.failed = 2;
  s.live = 3;
  return s;
}

engine::RunResult finished() {
  engine::RunResult r;
  r.stats.elapsed = std::chrono::duration<double>(2);
  r.stats.emitted = 10;
  r.stats.ok = 9;
  r.stats.failed = 1;
  engine::NodeStats decode;
  decode.name = "decode";
  decode.type = "decode";
  decode.calls = decode.items = 10;
  decode.errors = 1;
  decode.total_seconds = 0.5;
  decode.max_seconds = 0.1;
  decode.histogram[25] = 10;
  engine::NodeStats clip = decode;
  clip.name = "clip";
  clip.lane = Lane::device;
  clip.calls = 4;
  clip.errors = 0;
  clip.batch_sizes = {{2, 3}, {4, 1}};
  r.stats.nodes = {decode, clip};
  r.first_errors = {"item 3: node 'decode': truncated: the scan data end early"};
  r.facts["report"]["output"] = "out/predict";
  return r;
}

TEST(ProgressLine, ShowsCountRateAndTimeLeft) {
  EXPECT_EQ(progress_text(half_done(), 10, 200, false), "100/200  10/s  0:10 left  2 failed");
}

TEST(ProgressLine, NeverIsWiderThanTheTerminal) {
  for (int width = 1; width < 120; ++width)
    EXPECT_LT(progress_text(half_done(), 10, width, true).size(), static_cast<std::size_t>(std::max(2, width)))
        << width;
  EXPECT_THAT(progress_text(half_done(), 10, 100, true), HasSubstr("####"));
}

TEST(ProgressLine, WithoutATotalThereIsACountAndNoTimeLeft) {
  engine::Snapshot s = half_done();
  s.total.reset();
  EXPECT_EQ(progress_text(s, 2.5, 80, true), "100  2.5/s  2 failed");
}

engine::Snapshot telling(const std::vector<std::pair<std::string, std::string>>& nodes) {
  engine::Snapshot s;
  s.elapsed = std::chrono::duration<double>(7);
  s.ok = 12;
  for (const auto& [name, status] : nodes) {
    engine::NodeStats node;
    node.name = name;
    node.status = status;
    s.nodes.push_back(node);
  }
  return s;
}

TEST(StatusLine, HasNamesWhereSeveralNodesTellSomething) {
  EXPECT_EQ(status_text(telling({{"decode", ""}}), 80), "");
  EXPECT_EQ(status_text(telling({{"decode", ""}, {"train", "loss 0.4"}}), 80), "loss 0.4");
  EXPECT_EQ(status_text(telling({{"fetch", "3 open"}, {"train", "loss 0.4"}}), 80), "fetch: 3 open  train: loss 0.4");
}

TEST(StatusLine, IsOneLineNarrowerThanTheTerminalAndSafeToShow) {
  EXPECT_EQ(status_text(telling({{"a", "one\ntwo\x1b[31m"}}), 80), "one two?[31m");
  EXPECT_EQ(status_text(telling({{"a", "ééééé"}}), 4), "ééé");
  EXPECT_EQ(status_text(telling({{"a", "abc"}}), 0), "a");
}

TEST(ProgressLines, WithoutATerminalWhatNodesTellStandsBehindTheCounts) {
  std::atomic<int> asked{0};
  ::testing::internal::CaptureStderr();
  {
    const Progress progress([&] {
      ++asked;
      asked.notify_all();
      return telling({{"train", "loss 0.4"}});
    });
    for (int seen = 0; seen < 2; seen = asked) asked.wait(seen);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "12  0.0/s  loss 0.4\n") << "the next line is due at 10 s";
}

TEST(ClockText, GrowsToHours) {
  EXPECT_EQ(clock_text(7), "0:07");
  EXPECT_EQ(clock_text(123), "2:03");
  EXPECT_EQ(clock_text(3723), "1:02:03");
}

TEST(RateMeter, LooksAtTheLastSecondsOnly) {
  RateMeter meter;
  EXPECT_EQ(meter.per_second(), 0);
  for (int i = 0; i <= 60; ++i) meter.add(i, static_cast<std::uint64_t>(i < 40 ? 0 : (i - 40) * 5));
  EXPECT_NEAR(meter.per_second(), 5, 0.5);
}

TEST(Summary, HasOneRowPerNodeTheCountsTheErrorsAndThePlaceOfTheResults) {
  const std::string text = summary_text(finished());
  EXPECT_THAT(text, HasSubstr("decode"));
  EXPECT_THAT(text, HasSubstr("10 in = 9 ok + 1 failed + 0 skipped + 0 stopped"));
  EXPECT_THAT(text, HasSubstr("item 3: node 'decode': truncated"));
  EXPECT_THAT(text, HasSubstr("results: out/predict"));
  EXPECT_THAT(text, HasSubstr("2.5")) << "the mean batch";
  EXPECT_THAT(text, Not(HasSubstr("do not add up")));
}

TEST(Summary, PromisesNoMoreThanThereIs) {
  engine::RunResult r = finished();
  r.stats.failed = 30;
  r.stats.emitted = 39;
  EXPECT_THAT(summary_text(r), HasSubstr("… and more\n"));
  EXPECT_THAT(summary_text(r), Not(HasSubstr("own line in the results"))) << "only an ordered sink writes such lines";
}

TEST(Summary, IsEmptyWhenTheRunWasRefused) {
  engine::RunResult r = finished();
  r.stats = {};
  EXPECT_EQ(summary_text(r), "");
  EXPECT_EQ(failures_text(r), "");
}

TEST(Summary, OfAQuietRunIsTheFailuresOnly) {
  engine::RunResult r = finished();
  EXPECT_THAT(failures_text(r), HasSubstr("truncated"));
  EXPECT_THAT(failures_text(r), HasSubstr("10 in = 9 ok + 1 failed"));
  EXPECT_THAT(failures_text(r), Not(HasSubstr("p95")));
  r.stats.failed = 0;
  r.stats.ok = 10;
  EXPECT_EQ(failures_text(r), "");
}

TEST(Summary, TellsOfTheFailuresOfAnEarlierRun) {
  engine::RunResult r = finished();
  r.stats.failed = 0;
  r.stats.ok = 10;
  r.stats.skipped = 5;
  r.stats.failed_earlier = 2;
  EXPECT_THAT(summary_text(r), HasSubstr("5 skipped (2 failed in an earlier run) + 0 stopped"));
  EXPECT_THAT(failures_text(r), HasSubstr("2 failed in an earlier run")) << "the exit code is 3";
  EXPECT_EQ(summary_json(r, 3).at("items").at("failed_earlier"), 2);
}

TEST(Summary, SaysSoWhenTheCountsDoNotAddUp) {
  engine::RunResult r = finished();
  r.stats.ok = 8;
  EXPECT_FALSE(counts_agree(r.stats));
  EXPECT_THAT(summary_text(r), HasSubstr("do not add up"));
}

TEST(Summary, TheJsonHoldsTheSameNumbers) {
  const auto j = summary_json(finished(), 3);
  EXPECT_EQ(j.at("exit_code"), 3);
  EXPECT_EQ(j.at("items").at("failed"), 1);
  EXPECT_EQ(j.at("nodes")[0].at("busy"), 0.25);
  EXPECT_EQ(j.at("nodes")[1].at("batch_sizes").at("2"), 3);
  EXPECT_EQ(j.at("facts").at("report").at("output"), "out/predict");
}

}  // namespace
}  // namespace dfpipe::observe
