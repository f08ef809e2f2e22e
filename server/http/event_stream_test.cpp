#include <gmock/gmock.h>

#include <thread>

#include "http/test_line.hpp"

namespace dfpipe::server {
namespace {

const std::string ask = get("/events");

class Events : public testing::Test {
 protected:
  Events() : line_(config(), {route("GET", "/events", [this](Reply reply) { streams_.push_back(reply.stream()); })}) {}

  static ServerConfig config() {
    ServerConfig config;
    config.limits.streams = 1;
    return config;
  }

  std::vector<EventStream> streams_;
  TestLine line_;
};

TEST_F(Events, AreDeliveredInOrderAndTheStreamEnds) {
  line_.send(ask);
  ASSERT_EQ(streams_.size(), 1U);
  EXPECT_TRUE(streams_[0].open());
  EXPECT_EQ(line_.streams(), 1U);
  EXPECT_EQ(line_.in_flight(), 0U);
  std::thread([&] {
    EXPECT_TRUE(streams_[0].send("progress", "{\"done\":1}"));
    EXPECT_TRUE(streams_[0].send("result", "{}", 7));
  }).join();
  line_.run();
  EXPECT_TRUE(streams_[0].send("end", "{}"));
  streams_[0].finish();
  EXPECT_FALSE(streams_[0].send("late", "{}"));
  const auto answer = line_.answer();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.field("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(answer.field("X-Accel-Buffering"), "no");
  EXPECT_EQ(answer.body,
            "event: progress\ndata: {\"done\":1}\n\nid: 7\nevent: result\ndata: {}\n\nevent: end\ndata: {}\n\n");
  EXPECT_EQ(line_.streams(), 0U);
  ASSERT_EQ(line_.records.size(), 1U);
  EXPECT_EQ(line_.records[0].status, 200U);
}

TEST_F(Events, ComeAtOnce) {
  line_.send(ask);
  line_.received();
  streams_[0].send("a", "1");
  EXPECT_EQ(line_.received(), "12\r\nevent: a\ndata: 1\n\n\r\n");
}

TEST_F(Events, OverHttp10EndWithTheConnection) {
  line_.send("GET /events HTTP/1.0\r\n\r\n");
  streams_[0].send("a", "1");
  streams_[0].finish();
  const auto bytes = line_.received();
  EXPECT_THAT(bytes, testing::EndsWith("\r\n\r\nevent: a\ndata: 1\n\n"));
  EXPECT_THAT(bytes, testing::Not(testing::HasSubstr("chunked")));
}

TEST_F(Events, CommentsKeepAQuietStreamAlive) {
  line_.send(ask);
  line_.received();
  line_.pass(14.5);
  EXPECT_EQ(line_.received(), "");
  line_.pass(15.1);
  EXPECT_EQ(line_.received(), "3\r\n:\n\n\r\n");
  EXPECT_TRUE(streams_[0].open());
}

TEST_F(Events, AClientThatLeavesClosesItsStream) {
  line_.send(ask);
  line_.leave();
  EXPECT_TRUE(line_.ended());
  EXPECT_FALSE(streams_[0].open());
  EXPECT_FALSE(streams_[0].send("a", "1"));
  EXPECT_EQ(line_.streams(), 0U);
}

TEST_F(Events, AClientThatIsTooSlowLosesItsStream) {
  line_.send(ask);
  const std::string big(300'000, 'x');
  int sent = 0;
  while (sent < 10 && streams_[0].send("a", big)) ++sent;  // nothing is written meanwhile
  EXPECT_EQ(sent, 4);                                      // the first three are less than 1 MiB
  EXPECT_FALSE(streams_[0].open());
  line_.run();
  EXPECT_TRUE(line_.ended());
  EXPECT_EQ(line_.streams(), 0U);
}

TEST_F(Events, MayBeLargerThanWhatMayWait) {
  line_.send(ask);
  EXPECT_TRUE(streams_[0].send("a", std::string(3'000'000, 'x')));
  EXPECT_GT(streams_[0].waiting(), 3'000'000U);
  line_.run();
  EXPECT_EQ(streams_[0].waiting(), 0U);
  EXPECT_TRUE(streams_[0].open());
}

TEST_F(Events, CanBeSentAsFastAsTheClientTakesThem) {
  line_.send(ask);
  int left = 20;
  streams_[0].on_room([&] {
    if (--left > 0) {
      EXPECT_TRUE(streams_[0].send("a", std::string(500'000, 'x')));
    }
    if (left == 0) streams_[0].finish();
  });
  EXPECT_TRUE(streams_[0].send("first", "1"));
  EXPECT_EQ(left, 20);
  line_.run();
  EXPECT_EQ(left, 0);
  EXPECT_GT(line_.received().size(), 19U * 500'000U);
  EXPECT_TRUE(line_.ended());
}

TEST_F(Events, GoOnWhileTheServerDrainsAndAreFinishedAtItsEnd) {
  line_.send(ask);
  streams_[0].send("a", "0");
  line_.drain();
  EXPECT_TRUE(streams_[0].send("a", "1"));
  line_.finish_stream();
  EXPECT_FALSE(streams_[0].open());
  EXPECT_THAT(line_.answer().body, testing::EndsWith("data: 1\n\n"));
}

TEST_F(Events, OfOneLineOnly) {
  line_.send(ask);
  EXPECT_THROW(streams_[0].send("a", "1\n2"), std::invalid_argument);
  EXPECT_THROW(streams_[0].send("a\rid: 1", "1"), std::invalid_argument);
}

TEST(EventStream, OnlySoManyAreOpen) {
  std::vector<EventStream> streams;
  ServerConfig config;
  config.limits.streams = 0;
  TestLine line(config, {route("GET", "/events", [&](Reply reply) { streams.push_back(reply.stream()); })});
  const auto answer = line.send(ask).answer();
  EXPECT_EQ(answer.status, 429U);
  EXPECT_EQ(answer.code(), "too_many_streams");
  EXPECT_NE(answer.field("Retry-After"), "");
  EXPECT_FALSE(streams.at(0).open());
  EXPECT_EQ(line.streams(), 0U);
}

TEST(EventStream, TheDeadlineDoesNotApply) {
  std::vector<EventStream> streams;
  auto events = route("GET", "/events", [&](Reply reply) { streams.push_back(reply.stream()); });
  events.deadline = std::chrono::seconds(1);
  TestLine line({}, {events});
  line.send(ask);
  line.pass(2);
  EXPECT_TRUE(streams.at(0).open());
  EXPECT_FALSE(line.ended());
}

TEST(EventStream, MayBeOpenedLater) {
  std::optional<Reply> kept;
  TestLine line({}, {route("GET", "/events", [&](Reply reply) { kept = reply; })});
  line.send(ask);
  const auto stream = kept->stream();
  stream.send("a", "1");
  stream.finish();
  EXPECT_EQ(line.answer().body, "event: a\ndata: 1\n\n");
}

TEST(EventStream, HeadTellsItsFieldsOnly) {
  std::vector<EventStream> streams;
  TestLine line({}, {route("GET", "/events", [&](Reply reply) { streams.push_back(reply.stream()); })});
  line.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(line.received(), testing::EndsWith("\r\n\r\n"));
  EXPECT_FALSE(streams.at(0).open());
}

}  // namespace
}  // namespace dfpipe::server
