#include "api/statistics.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/test_site.hpp"

namespace dfpipe::server {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const Clock::time_point start = Clock::now();

Snapshot run_with(std::uint64_t ok, std::uint64_t failed, std::uint64_t items) {
  Snapshot run;
  run.ok = ok;
  run.failed = failed;
  run.nodes = {{.name = "source"}, {.name = "decode", .calls = items, .items = items}};
  return run;
}

json told(const Statistics& statistics, Clock::time_point now, const Snapshot& run) {
  return json::parse(statistics.json(now, run, {3, 64}));
}

TEST(Statistics, RatesAreOfTheLastFiveSeconds) {
  Statistics statistics(start);
  // 10 a second for ten seconds, then 30 a second.
  for (int second = 1; second <= 10; ++second)
    statistics.sample(start + second * 1s, run_with(9 * second, second, 20 * second));
  EXPECT_EQ(told(statistics, start + 10s, run_with(90, 10, 200))["pictures_per_second"], 10);
  for (int second = 11; second <= 14; ++second)
    statistics.sample(start + second * 1s, run_with(90 + 30 * (second - 10), 10, 200));
  const json now = told(statistics, start + 15s, run_with(240, 10, 210));
  EXPECT_EQ(now["pictures_per_second"], 30);
  EXPECT_EQ(now["nodes"][1]["rate"], 2);
  EXPECT_EQ(now["nodes"][0]["rate"], 0);
}

TEST(Statistics, AtTheBeginningRatesAreOfWhatThereIs) {
  Statistics statistics(start);
  EXPECT_EQ(told(statistics, start, run_with(0, 0, 0))["pictures_per_second"], 0);
  EXPECT_EQ(told(statistics, start + 2s, run_with(8, 0, 0))["pictures_per_second"], 4);
  EXPECT_EQ(told(statistics, start + 1ms, run_with(1, 0, 0))["pictures_per_second"], 1) << "not a thousand";
}

TEST(Statistics, AfterAPauseTheRateIsZero) {
  Statistics statistics(start);
  for (int second = 1; second <= 20; ++second) statistics.sample(start + second * 1s, run_with(100, 0, 100));
  EXPECT_EQ(told(statistics, start + 20s, run_with(100, 0, 100))["pictures_per_second"], 0);
}

TEST(Statistics, WaitingTimesAreOfTheLastMinute) {
  Statistics statistics(start);
  EXPECT_EQ(told(statistics, start, {})["p95"], 0);
  for (int i = 1; i <= 100; ++i) statistics.picture(start + i * 10ms, i * 0.01);
  json now = told(statistics, start + 2s, {});
  EXPECT_EQ(now["p50"], 0.5);
  EXPECT_EQ(now["p95"], 0.95);
  statistics.picture(start + 30s, 7);
  now = told(statistics, start + 70s, {});
  EXPECT_EQ(now["p50"], 7);
  EXPECT_EQ(now["p95"], 7);
  EXPECT_EQ(told(statistics, start + 91s, {})["p95"], 0);
}

TEST(Statistics, NodesTellWhatTheRunTells) {
  const Statistics statistics(start);
  Snapshot run;
  run.elapsed = 12.5s;
  run.live = 2;
  run.stopped = 4;
  NodeStats clip{.name = "per-face/clip", .calls = 3, .items = 10, .errors = 1};
  clip.batch_sizes = {{2, 1}, {4, 2}};
  clip.max_seconds = 1;
  clip.histogram[20] = 3;  // 1.05 to 2.1 ms
  clip.queued = 5;
  clip.running = 1;
  NodeStats source = clip;
  source.is_source = true;
  source.batch_sizes.clear();
  run.nodes = {source, clip};
  const json now = told(statistics, start, run);
  EXPECT_EQ(now["nodes"][0]["p95"], 0) << "most of it is waiting for the outside world";
  EXPECT_EQ(now["uptime"], 12.5);
  EXPECT_EQ(now["live"], 2);
  EXPECT_EQ(now["stopped"], 4);
  EXPECT_EQ(now["queue"], 3);
  EXPECT_EQ(now["queue_capacity"], 64);
  const json node = now["nodes"][1];
  EXPECT_EQ(node["id"], 1);
  EXPECT_EQ(node["name"], "per-face/clip");
  EXPECT_EQ(node["queue"], 5);
  EXPECT_EQ(node["running"], 1);
  EXPECT_EQ(node["calls"], 3);
  EXPECT_EQ(node["items"], 10);
  EXPECT_EQ(node["errors"], 1);
  EXPECT_NEAR(node["batch"].get<double>(), 10.0 / 3, 1e-6);
  EXPECT_NEAR(node["p95"].get<double>(), clip.quantile(0.95), 1e-6);
  EXPECT_TRUE(now["nodes"][0]["batch"].is_null());
}

class Stats : public ::testing::Test {
 protected:
  Stats() : api_({}, stats_routes) { api_.run->set(run_with(5, 0, 0)); }
  TestSite api_;
};

TEST_F(Stats, AreToldOnce) {
  api_.site.on_picture.at(0)({.total_seconds = 0.25});
  const auto answer = api_.get("/v1/stats");
  EXPECT_EQ(answer.status, 200u);
  const json now = json::parse(answer.body);
  EXPECT_EQ(now["ok"], 5);
  EXPECT_EQ(now["p50"], 0.25);
  EXPECT_EQ(now["queue_capacity"], 64);
  EXPECT_THAT(now["time"].get<std::string>(), ::testing::MatchesRegex("20..-..-..T..:..:..\\....Z"));
}

TEST_F(Stats, AreFollowedAtOnceAndEverySecond) {
  const auto line = api_.connect();
  line->send("GET /v1/stats HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
  std::string bytes = line->received();
  ASSERT_EQ(read_events(unchunked(bytes)).size(), 1u);
  while (read_events(unchunked(bytes)).size() < 3) {  // ctest's limit ends it otherwise
    std::this_thread::sleep_for(50ms);
    line->run();
    bytes += line->received();
  }
  for (const TestEvent& one : read_events(unchunked(bytes))) {
    EXPECT_EQ(one.event, "stats");
    EXPECT_EQ(json::parse(one.data)["ok"], 5);
  }
}

}  // namespace
}  // namespace dfpipe::server
