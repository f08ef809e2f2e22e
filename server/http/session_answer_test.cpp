#include <gmock/gmock.h>

#include <thread>

#include "http/test_line.hpp"

namespace dfpipe::server {
namespace {

Route hello() {
  return route("GET", "/hello", [](Reply reply) { reply.send(text("hello")); });
}

TEST(SessionAnswer, AnUnansweredRequestIsAnswered) {
  TestLine line({}, {route("GET", "/lost", [](Reply) {})});
  const auto answer = line.send(get("/lost")).answer();
  EXPECT_EQ(answer.status, 500U);
  EXPECT_EQ(answer.code(), "unanswered");
}

TEST(SessionAnswer, TheFirstAnswerWins) {
  std::optional<Reply> kept;
  TestLine line({}, {route("GET", "/late", [&](Reply reply) { kept = reply; })});
  line.send(get("/late"));
  EXPECT_EQ(line.in_flight(), 1U);
  EXPECT_TRUE(kept->send(text("first")));
  EXPECT_EQ(line.in_flight(), 0U);
  EXPECT_FALSE(kept->send(Refusal(400, "late", "late")));
  EXPECT_FALSE(kept->stream().open());
  EXPECT_EQ(line.answer().body, "first");
  EXPECT_EQ(line.streams(), 0U);
}

TEST(SessionAnswer, AnAnswerMayComeFromAnyThread) {
  std::optional<Reply> kept;
  TestLine line({}, {route("GET", "/late", [&](Reply reply) { kept = reply; })});
  line.send(get("/late"));
  std::thread([&] { EXPECT_TRUE(kept->send(text("hello"))); }).join();
  EXPECT_EQ(line.answer().body, "hello");
}

TEST(SessionAnswer, AClientThatLeavesIsNoticed) {
  std::optional<Reply> kept;
  TestLine line({}, {route("GET", "/late", [&](Reply reply) { kept = reply; })});
  line.send(get("/late"));
  EXPECT_FALSE(*kept->abandoned());
  line.leave();
  EXPECT_TRUE(line.ended());
  EXPECT_TRUE(*kept->abandoned());
  EXPECT_EQ(line.in_flight(), 0U);
  EXPECT_FALSE(kept->send(text("nobody")));
  ASSERT_EQ(line.records.size(), 1U);
  EXPECT_EQ(line.records[0].status, 0U);
  EXPECT_EQ(line.records[0].route, "/late");
}

TEST(SessionAnswer, AClientThatLeavesInItsBodyIsNoticed) {
  TestLine line({}, {echo("/echo", 100)});
  line.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf");
  EXPECT_EQ(line.in_flight(), 1U);
  line.leave();
  EXPECT_TRUE(line.ended());
  EXPECT_EQ(line.in_flight(), 0U);
  ASSERT_EQ(line.records.size(), 1U);
  EXPECT_EQ(line.records[0].status, 0U);
  EXPECT_EQ(line.records[0].received, 4U);
}

TEST(SessionAnswer, AReplyMayOutliveEverything) {
  std::optional<Reply> kept;
  std::optional<EventStream> stream;
  {
    TestLine line({}, {route("GET", "/late", [&](Reply reply) { kept = reply; }),
                       route("GET", "/events", [&](Reply reply) { stream = reply.stream(); })});
    line.send(get("/late"));
    TestLine other({}, {route("GET", "/events", [&](Reply reply) { stream = reply.stream(); })});
    other.send(get("/events"));
    EXPECT_TRUE(stream->open());
  }
  EXPECT_TRUE(*kept->abandoned());
  EXPECT_FALSE(kept->send(text("nobody")));
  EXPECT_FALSE(stream->send("news", "{}"));
}

TEST(SessionAnswer, PastTheDeadlineTheClientIsTold) {
  std::optional<Reply> kept;
  auto late = route("GET", "/late", [&](Reply reply) { kept = reply; });
  late.deadline = std::chrono::seconds(5);
  TestLine line({}, {late, hello()});
  line.send(get("/late"));
  line.pass(4.5);
  EXPECT_EQ(line.received(), "");
  line.pass(5.1);
  const auto answer = line.answer();
  EXPECT_EQ(answer.status, 504U);
  EXPECT_EQ(answer.code(), "deadline");
  EXPECT_TRUE(*kept->abandoned());
  EXPECT_FALSE(kept->send(text("too late")));
  EXPECT_EQ(line.send(get("/hello")).answer().body, "hello");
}

TEST(SessionAnswer, TheDeadlineHoldsForTheBodyToo) {
  auto slow = echo("/echo", 100);
  slow.deadline = std::chrono::seconds(5);
  TestLine line({}, {slow});
  line.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf");
  line.pass(5.1);
  const auto answer = line.answer();
  EXPECT_EQ(answer.status, 504U);
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(SessionAnswer, AHeadMustComeInTime) {
  TestLine line({}, {hello()});
  line.send("GET /hello HTTP/1.1\r\n");
  line.pass(9.5);
  EXPECT_EQ(line.received(), "");
  line.send("X: 1\r\n");  // one more line gains no time
  line.pass(10.1);
  const auto answer = line.answer();
  EXPECT_EQ(answer.status, 408U);
  EXPECT_EQ(answer.code(), "header_timeout");
  line.pass(1.1);
  EXPECT_TRUE(line.ended());
}

TEST(SessionAnswer, AnIdleConnectionEndsSilently) {
  TestLine line({}, {hello()});
  line.send(get("/hello"));
  line.answer();
  line.pass(14.5);
  EXPECT_FALSE(line.ended());
  line.pass(15.1);
  EXPECT_TRUE(line.ended());
  EXPECT_EQ(line.received(), "");
  EXPECT_EQ(line.records.size(), 1U);
}

TEST(SessionAnswer, ABodyMustKeepItsRate) {
  ServerConfig config;
  config.limits.body_grace_seconds = 10;
  config.limits.body_rate = 1000;
  TestLine line(config, {echo("/echo", 100'000)});
  line.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  line.send(std::string(20'000, 'x'));  // enough for 20 seconds
  line.pass(10.1);
  line.pass(19.5);
  EXPECT_EQ(line.received(), "");
  line.pass(20.1);
  const auto answer = line.answer();
  EXPECT_EQ(answer.status, 408U);
  EXPECT_EQ(answer.code(), "body_too_slow");
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(SessionAnswer, AfterTheLastAnswerItLingersForALittle) {
  TestLine line({}, {hello()});
  line.send(get("/hello", "Connection: close\r\n"));
  EXPECT_EQ(line.answer().body, "hello");
  line.pass(1.1);
  EXPECT_TRUE(line.ended());
}

TEST(SessionAnswer, ADrainingServerAnswersWhatItHasAndProbes) {
  std::optional<Reply> kept;
  auto live = route("GET", "/livez", [](Reply reply) { reply.send(text("alive")); });
  live.open = true;
  const std::vector<Route> routes = {hello(), live, route("GET", "/late", [&](Reply reply) { kept = reply; })};

  TestLine idle({}, routes);
  idle.drain();
  EXPECT_TRUE(idle.ended());

  TestLine busy({}, routes);
  busy.send(get("/late"));
  busy.drain();
  EXPECT_FALSE(busy.ended());
  kept->send(text("late"));
  EXPECT_EQ(busy.answer().field("Connection"), "close");

  TestLine probe({}, routes);
  probe.send("GET /livez HTTP/1.1\r\n");
  probe.drain();
  const auto alive = probe.send("Host: a\r\n\r\n").answer();
  EXPECT_EQ(alive.body, "alive");
  EXPECT_EQ(alive.field("Connection"), "close");

  TestLine late({}, routes);
  late.send("GET /hello HTTP/1.1\r\n");
  late.drain();
  const auto refused = late.send("Host: a\r\n\r\n").answer();
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.code(), "draining");
  EXPECT_NE(refused.field("Retry-After"), "");
  EXPECT_EQ(refused.field("Connection"), "close");

  TestLine slow({}, routes);
  slow.send("GET /hello HTTP/1.1\r\n");
  slow.drain();
  slow.pass(1.1);
  EXPECT_EQ(slow.answer().code(), "header_timeout");
}

TEST(SessionAnswer, OnlyAConnectionInNoRequestIsEvicted) {
  std::optional<Reply> kept;
  const std::vector<Route> routes = {hello(), route("GET", "/late", [&](Reply reply) { kept = reply; })};
  TestLine idle({}, routes), head({}, routes), busy({}, routes);
  head.send("GET /hello HTTP/1.1\r\n");
  busy.send(get("/late"));
  EXPECT_TRUE(idle.evict());
  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(head.evict());
  EXPECT_TRUE(head.ended());
  EXPECT_FALSE(busy.evict());
  kept->send(text("late"));
  EXPECT_EQ(busy.answer().body, "late");
}

}  // namespace
}  // namespace dfpipe::server
