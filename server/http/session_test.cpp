#include <gmock/gmock.h>

#include "http/test_line.hpp"

namespace dfpipe::server {
namespace {

using testing::HasSubstr;

Route hello() {
  return route("GET", "/hello", [](Reply reply) { reply.send(text("hello")); });
}

TEST(Session, AnswersWithTheFieldsThatEveryAnswerCarries) {
  TestLine line({}, {hello()});
  const auto answer = line.send(get("/hello")).answer();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.field("Content-Type"), "text/plain");
  EXPECT_THAT(std::string(answer.field("X-Request-Id")), testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.field("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(
      answer.field("Content-Security-Policy"),
      "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_THAT(std::string(answer.field("Date")), testing::EndsWith(" GMT"));
  EXPECT_EQ(answer.field("Server"), "");
  EXPECT_EQ(answer.field("Connection"), "");
  EXPECT_FALSE(line.ended());
}

TEST(Session, RefusalsCarryThemToo) {
  TestLine line({}, {hello()});
  const auto answer = line.send(get("/nowhere")).answer();
  EXPECT_EQ(answer.status, 404U);
  EXPECT_EQ(answer.code(), "not_found");
  EXPECT_THAT(answer.body, HasSubstr("\"request_id\":\"" + std::string(answer.field("X-Request-Id")) + "\""));
  EXPECT_EQ(answer.field("Content-Type"), "application/json");
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
  EXPECT_FALSE(line.ended());
}

TEST(Session, AnswersPipelinedRequestsInOrder) {
  std::vector<Reply> kept;
  TestLine line({}, {hello(), route("GET", "/late", [&](Reply reply) { kept.push_back(reply); }), echo("/echo", 10)});
  line.send(get("/late") + get("/hello") + post("/echo", "body") + get("/late"));
  EXPECT_EQ(line.received(), "");
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_TRUE(kept[0].send(text("late")));
  const auto answers = line.answers();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].body, "late");
  EXPECT_EQ(answers[1].body, "hello");
  EXPECT_EQ(answers[2].body, "body");
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_TRUE(kept[1].send(text("later")));
  EXPECT_EQ(line.answer().body, "later");
}

TEST(Session, KeepsNoMoreOfWhatIsPipelinedThanAHead) {
  std::vector<Reply> kept;
  TestLine line({}, {hello(), route("GET", "/late", [&](Reply reply) { kept.push_back(reply); })});
  std::string many;
  for (int i = 0; i < 3000; ++i) many += get("/hello");
  line.send(get("/late"));
  line.send(many);  // 3000 requests are more than the session takes before it has answered
  EXPECT_EQ(line.received(), "");
  kept[0].send(text("late"));
  EXPECT_EQ(line.answers().size(), 3001U);
}

TEST(Session, TakesOnlySoManyRequestsOnAConnection) {
  ServerConfig config;
  config.limits.requests_per_connection = 2;
  TestLine line(config, {hello()});
  const auto answers = line.send(get("/hello") + get("/hello") + get("/hello")).answers();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].field("Connection"), "");
  EXPECT_EQ(answers[1].field("Connection"), "close");
}

TEST(Session, HeadIsGetWithoutTheBody) {
  TestLine line({}, {hello()});
  line.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answers = line.answers(true);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].status, 200U);
  EXPECT_EQ(answers[0].field("Content-Length"), "5");
  EXPECT_EQ(answers[1].status, 404U);
}

TEST(Session, SpeaksHttp10) {
  TestLine line({}, {hello()});
  const auto kept = line.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer();
  EXPECT_EQ(kept.field("Connection"), "keep-alive");
  const auto last = line.send("GET /hello HTTP/1.0\r\n\r\n").answer();
  EXPECT_EQ(last.field("Connection"), "close");
  line.leave();
  EXPECT_TRUE(line.ended());
}

TEST(Session, KnownPathsNameTheirMethods) {
  TestLine line({}, {hello(), echo("/hello", 5), echo("/echo", 5)});
  const auto answers =
      line.send("PUT /hello HTTP/1.1\r\nHost: a\r\n\r\nBREW /echo HTTP/1.1\r\nHost: a\r\n\r\n").answers();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].status, 405U);
  EXPECT_EQ(answers[0].code(), "method_not_allowed");
  EXPECT_EQ(answers[0].field("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(answers[1].field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(line.records.at(1).method, "-");
}

TEST(Session, HandsNamedPartsAndParametersToTheHandler) {
  Route job{"GET", "/v1/jobs/{id}/{what}", "job"};
  job.handle = [](const RequestHead& head) {
    const auto told = std::string(head.named_part("id")) + "|" + std::string(head.named_part("what")) + "|" +
                      head.parameter("q").value_or("none");
    return answer_with([told](Reply reply) { reply.send(text(told)); });
  };
  TestLine line({}, {job, route("GET", "/v1/jobs/all/now", [](Reply reply) { reply.send(text("all")); })});
  EXPECT_EQ(line.send(get("/v1/jobs/a%20b/c?q=1")).answer().body, "a b|c|1");
  EXPECT_EQ(line.send(get("/v1/jobs/all/now")).answer().body, "all");
  EXPECT_EQ(line.send(get("/v1/jobs/a/")).answer().status, 404U);
  EXPECT_EQ(line.send(get("/v1/jobs/a/b/c")).answer().status, 404U);
  EXPECT_EQ(line.records.at(0).route, "job");
  EXPECT_EQ(line.records.at(0).target, "/v1/jobs/{id}/{what}") << "a job's name opens its results";
  EXPECT_EQ(line.records.at(2).route, "none");
}

TEST(Session, ReadsABodyInWhateverPieces) {
  std::string body;
  for (int i = 0; i < 200'000; ++i) body += static_cast<char>(i * 7);
  TestLine line({}, {echo("/echo", body.size())});
  EXPECT_EQ(line.send(post("/echo", body)).answer().body, body);
  const std::string head = post("/echo", std::string(500, 'x'));
  for (const char byte : head) line.send(std::string(1, byte));
  EXPECT_EQ(line.answer().body, std::string(500, 'x'));
  ASSERT_EQ(line.records.size(), 2U);
  EXPECT_EQ(line.records[0].received, body.size());
  EXPECT_EQ(line.records[0].sent, body.size());
}

TEST(Session, ABodyThatIsTooLargeIsRefusedBeforeItIsRead) {
  bool asked = false;
  Route upload{"POST", "/upload", "upload"};
  upload.body_limit = 10;
  upload.handle = [&](const RequestHead&) -> std::unique_ptr<Handler> {
    asked = true;
    return answer_with([](Reply reply) { reply.send(text("done")); });
  };
  TestLine line({}, {upload});
  const auto answer =
      line.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n").answer();
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.code(), "body_too_large");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_FALSE(asked);
}

TEST(Session, SaysContinueOnceTheHeadIsAccepted) {
  TestLine line({}, {echo("/echo", 10)});
  line.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(line.received(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(line.send("body").answer().body, "body");
  // A client that does not wait gets none.
  EXPECT_EQ(line.send(post("/echo", "body", "Expect: 100-continue\r\n")).answer().body, "body");
}

TEST(Session, ABodyThatArrivesWhileItSaysContinueIsAnsweredBehindThat) {
  std::vector<Reply> kept;
  TestLine line({}, {route("GET", "/late", [&](Reply reply) { kept.push_back(reply); }), echo("/echo", 10)});
  line.send(get("/late"));
  line.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  kept.at(0).send(text("late"));
  std::string seen;
  while (seen.find("late") == std::string::npos && line.step()) seen += line.arrived();
  line.hand_over("body");
  seen += line.received();
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto at = seen.find("late" + go_on + "HTTP/1.1 200 OK\r\n");
  ASSERT_NE(at, std::string::npos) << seen;
  const auto answers = read_answers(seen.erase(at + 4, go_on.size()));
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].body, "body");
}

TEST(Session, WhatAHandlerThrowsIsAnswered) {
  Route refusing{"POST", "/refusing", "refusing"};
  refusing.body_limit = 100;
  refusing.handle = [](const RequestHead&) -> std::unique_ptr<Handler> {
    throw Refusal(429, "queue_full", "later, please", {{"Retry-After", "3"}});
  };
  class Picky : public Handler {
   public:
    void receive(std::string_view bytes) override {
      if (bytes.find('!') != std::string_view::npos) throw Refusal(400, "exclamation", "quietly, please");
      if (bytes.find('?') != std::string_view::npos) throw std::runtime_error("secret of the house");
    }
    void answer(Reply) override { throw std::runtime_error("another secret"); }
  };
  Route picky{"POST", "/picky", "picky"};
  picky.body_limit = 100;
  picky.handle = [](const RequestHead&) { return std::make_unique<Picky>(); };

  const auto ask = [&](const std::string& bytes, std::size_t logged) {
    TestLine line({}, {refusing, picky});
    const auto answer = line.send(bytes).answer();
    EXPECT_EQ(line.log.size(), logged);
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("secret")));
    EXPECT_EQ(line.records.at(0).code, answer.code());
    return std::to_string(answer.status) + " " + answer.code() + " " + std::string(answer.field("Connection")) +
           std::string(answer.field("Retry-After"));
  };
  EXPECT_EQ(ask("POST /refusing HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n", 0), "429 queue_full close3");
  EXPECT_EQ(ask(post("/refusing", ""), 0), "429 queue_full 3");
  EXPECT_EQ(ask("POST /picky HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nno!", 0), "400 exclamation close");
  EXPECT_EQ(ask(post("/picky", "no!"), 0), "400 exclamation ");
  EXPECT_EQ(ask(post("/picky", "no?"), 1), "500 internal ");
  EXPECT_EQ(ask(post("/picky", "fine"), 1), "500 internal ");
}

TEST(Session, NothingThatIsSentBackAddsAField) {
  TestLine line({}, {route("GET", "/x", [](Reply reply) {
                  reply.send(Response{200, "text/plain", "x", {{"X-A", "1\r\nSet-Cookie: a=b"}, {"X-B", "2"}}});
                })});
  const auto answer = line.send(get("/x")).answer();
  EXPECT_EQ(answer.field("Set-Cookie"), "");
  EXPECT_EQ(answer.field("X-A"), "");
  EXPECT_EQ(answer.field("X-B"), "2");
}

TEST(Session, ARecordNamesEachRequestOnce) {
  TestLine line({}, {hello()});
  line.send(get("/hello?secret=1") + get("/" + std::string(300, 'x')) + "broken\r\n\r\n");
  ASSERT_EQ(line.records.size(), 3U);
  EXPECT_EQ(line.records[0].target, "/hello");
  EXPECT_EQ(line.records[0].remote, "192.0.2.1");
  EXPECT_EQ(line.records[0].method, "GET");
  EXPECT_EQ(line.records[0].route, "/hello");
  EXPECT_EQ(line.records[0].status, 200U);
  EXPECT_EQ(line.records[0].sent, 5U);
  EXPECT_GT(line.records[0].seconds.count(), 0);
  EXPECT_EQ(line.records[1].target.size(), 200U);
  EXPECT_EQ(line.records[2].route, "-");
  EXPECT_EQ(line.records[2].method, "-");
  const auto answers = line.answers();
  ASSERT_EQ(answers.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(answers[i].field("X-Request-Id"), line.records[i].request_id);
}

}  // namespace
}  // namespace dfpipe::server
