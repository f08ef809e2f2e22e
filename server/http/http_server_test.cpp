#include "http/http_server.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "http/test_client.hpp"

namespace dfpipe::server {
namespace {

/// Waits until something becomes true; a test that waits in vain fails at what it checks next.
void until(const std::function<bool()>& holds) {
  for (int i = 0; i < 4000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

/// A server with a probe, a route that answers when it is told to, uploads, streams and a large answer.
class Server {
 public:
  explicit Server(Limits limits = {}, int threads = 1) {
    ServerConfig config;
    config.port = 0;
    config.threads = threads;
    config.limits = limits;
    config.done = [this](const AccessRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
    };
    auto live = route("GET", "/livez", [](Reply reply) { reply.send(text("alive")); });
    live.open = true;
    server = std::make_unique<HttpServer>(
        config,
        std::vector<Route>{live, route("GET", "/hello", [](Reply reply) { reply.send(text("hello")); }),
                           route("GET", "/late", [this](Reply reply) { keep(std::move(reply)); }),
                           route("GET", "/big", [](Reply reply) { reply.send(text(std::string(20'000'000, 'x'))); }),
                           route("GET", "/events",
                                 [this](Reply reply) {
                                   const std::lock_guard lock(mutex_);
                                   streams_.push_back(reply.stream());
                                   ++opened;
                                 }),
                           echo("/echo", 1'000'000)});
    server->start();
  }
  ~Server() { server.reset(); }

  std::uint16_t port() const { return server->port(); }
  /// The next request for /late.
  Reply late() {
    std::optional<Reply> reply;
    until([&] { return (reply = late_if_any()).has_value(); });
    return reply.value();
  }
  std::optional<Reply> late_if_any() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::milliseconds(1), [this] { return !kept_.empty(); })) return std::nullopt;
    Reply reply = kept_.front();
    kept_.pop_front();
    return reply;
  }
  std::vector<AccessRecord> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }

  std::atomic<int> opened{0};  ///< event streams
  std::unique_ptr<HttpServer> server;

 private:
  void keep(Reply reply) {
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(reply));
    came_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Reply> kept_;
  std::vector<EventStream> streams_;
  std::vector<AccessRecord> records_;
};

TEST(HttpServer, AnswersOverARealSocket) {
  Server of;
  TestClient client(of.port());
  EXPECT_EQ(client.send(get("/hello")).answer().body, "hello");
  EXPECT_EQ(client.send(get("/hello") + get("/livez")).answer().body, "hello");
  EXPECT_EQ(client.answer().body, "alive");
  EXPECT_EQ(of.server->connections(), 1U);
  until([&] { return of.records().size() == 3; });
  EXPECT_EQ(of.records().at(0).remote, "127.0.0.1");
}

TEST(HttpServer, SaysWhyItCannotListen) {
  Server first;
  ServerConfig config;
  config.port = first.port();
  HttpServer second(config, {});
  try {
    second.start();
    FAIL() << "two servers on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("127.0.0.1 port " + std::to_string(first.port())));
    EXPECT_THAT(error.what(), testing::HasSubstr("in use"));
  }
  config.address = "256.1.1.1.invalid";
  HttpServer third(config, {});
  EXPECT_THROW(third.start(), std::runtime_error);
}

TEST(HttpServer, AClientSeesARefusalAlthoughItStillSends) {
  Server of;
  for (const std::size_t size : {200'000, 2'000'000, 25'000'000}) {
    TestClient client(of.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 25000000\r\n\r\n" + std::string(size, 'x'));
    EXPECT_EQ(client.answer().status, 413U);
    EXPECT_TRUE(client.ended_in_order()) << size;
  }
}

TEST(HttpServer, NoticesAClientThatIsGone) {
  Server of;
  TestClient leaves(of.port()), resets(of.port());
  leaves.send(get("/late"));
  const auto first = of.late();
  resets.send(get("/late"));
  const auto second = of.late();
  EXPECT_EQ(of.server->in_flight(), 2U);
  ::shutdown(leaves.descriptor(), SHUT_RDWR);
  resets.reset();
  until([&] { return *first.abandoned() && *second.abandoned(); });
  EXPECT_TRUE(*first.abandoned());
  EXPECT_TRUE(*second.abandoned());
  EXPECT_FALSE(first.send(text("nobody")));
  EXPECT_EQ(of.server->in_flight(), 0U);
}

TEST(HttpServer, AnAddressHasOnlySoManyConnectionsAndProbesStillWork) {
  Limits limits;
  limits.connections_per_address = 3;
  Server of(limits);
  std::vector<std::unique_ptr<TestClient>> busy;
  std::vector<Reply> replies;
  for (int i = 0; i < 3; ++i) {
    busy.push_back(std::make_unique<TestClient>(of.port()));
    busy.back()->send(get("/late"));
    replies.push_back(of.late());
  }
  EXPECT_EQ(fetch(of.port(), "/livez").body, "alive");
  const auto refused = fetch(of.port(), "/hello");
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.code(), "too_many_connections");
  EXPECT_NE(refused.field("Retry-After"), "");
  // Those who were there before are served.
  for (auto& reply : replies) EXPECT_TRUE(reply.send(text("late")));
  for (auto& client : busy) EXPECT_EQ(client->answer().body, "late");
  // Now one of them is idle and makes place.
  EXPECT_EQ(fetch(of.port(), "/hello").body, "hello");
}

TEST(HttpServer, AConnectionInNoRequestMakesPlace) {
  Limits limits;
  limits.connections = 2;
  Server of(limits);
  TestClient first(of.port());
  first.send(get("/hello")).answer();
  TestClient second(of.port());
  second.send("GET /hello HTTP/1.1\r\n");  // at its head
  until([&] { return of.server->connections() == 2; });
  TestClient third(of.port());
  EXPECT_EQ(third.send(get("/hello")).answer().body, "hello");
  EXPECT_TRUE(first.ended());
  EXPECT_LE(of.server->connections(), 2U);
}

TEST(HttpServer, ProbesWorkWhileSlowClientsHoldEveryPlace) {
  Limits limits;
  limits.connections = 8;
  limits.connections_per_address = 8;
  Server of(limits);
  std::vector<std::unique_ptr<TestClient>> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(std::make_unique<TestClient>(of.port()));
    const char* kind = i % 3 == 0   ? "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx"  // slow body
                       : i % 3 == 1 ? "GET /hello HTTP/1.1\r\nX: "                                         // slow head
                                    : "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";  // slow reading
    slow.back()->send(kind);
    EXPECT_EQ(fetch(of.port(), "/livez").body, "alive") << i;
  }
  EXPECT_LE(of.server->connections(), 8U + 16U);
}

TEST(HttpServer, WhoDoesNotReadIsCutOff) {
  Limits limits;
  limits.write_seconds = 0.2;
  Server of(limits);
  TestClient client(of.port());
  client.send(get("/big"));
  until([&] { return !of.records().empty(); });
  ASSERT_EQ(of.records().size(), 1U);
  EXPECT_EQ(of.records()[0].status, 0U);
  EXPECT_LT(of.records()[0].sent, 20'000'000U);
  EXPECT_EQ(of.server->connections(), 0U);
}

TEST(HttpServer, ADrainAnswersWhatWasAccepted) {
  Server of;
  TestClient idle(of.port()), busy(of.port()), events(of.port());
  idle.send(get("/hello")).answer();
  busy.send(get("/late"));
  const auto reply = of.late();
  events.send(get("/events"));
  until([&] { return of.server->in_flight() == 1 && of.opened == 1; });
  of.server->begin_drain();
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(of.server->in_flight(), 1U);
  auto drained = std::async(std::launch::async, [&] { return of.server->finish_drain(30); });
  EXPECT_TRUE(reply.send(text("late")));
  EXPECT_EQ(of.server->in_flight(), 0U);
  EXPECT_EQ(busy.answer().body, "late");
  EXPECT_TRUE(busy.ended());
  EXPECT_THAT(events.rest(), testing::EndsWith("0\r\n\r\n"));
  EXPECT_TRUE(drained.get());
  EXPECT_EQ(of.server->connections(), 0U);
  EXPECT_FALSE(TestClient(of.port()).connected());
}

TEST(HttpServer, ADrainEndsInTime) {
  Server of;
  TestClient busy(of.port());
  busy.send(get("/late"));
  const auto reply = of.late();
  of.server->begin_drain();
  EXPECT_FALSE(of.server->finish_drain(0.2));
  EXPECT_TRUE(busy.ended());
  EXPECT_TRUE(*reply.abandoned());
}

TEST(HttpServer, MayBeDestroyedAtAnyTime) {
  std::optional<Reply> reply;
  std::optional<EventStream> stream;
  {
    Server of({}, 2);
    TestClient idle(of.port()), busy(of.port()), body(of.port()), reading(of.port()), events(of.port());
    busy.send(get("/late"));
    reply = of.late();
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
    reading.send(get("/big"));
    events.send(get("/events"));
    until([&] { return of.server->connections() == 5; });
    until([&] { return of.server->in_flight() >= 2; });
  }
  EXPECT_FALSE(reply->send(text("nobody")));
}

TEST(HttpServer, LosesNoAnswerUnderLoadFromManyThreads) {
  Server of({}, 2);
  std::atomic<bool> end{false};
  std::thread worker([&] {
    while (!end) {
      if (const auto reply = of.late_if_any()) reply->send(text("late"));
    }
  });
  constexpr int clients = 8, requests = 200;
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      TestClient client(of.port());
      for (int n = 0; n < requests; ++n) {
        if ((n + i) % 2 == 0) {
          answered += client.send(get("/late")).answer().body == "late";
        } else {
          const std::string body = std::to_string(i) + " " + std::to_string(n);
          client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                      body);
          answered += client.answer().body == body;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  end = true;
  worker.join();
  EXPECT_EQ(answered, clients * requests);
  until([&] { return of.records().size() == clients * requests; });
  EXPECT_EQ(of.records().size(), static_cast<std::size_t>(clients * requests));
  EXPECT_EQ(of.server->in_flight(), 0U);
}

TEST(HttpServer, ADrainUnderLoadAnswersEveryAcceptedRequest) {
  Server of({}, 2);
  std::atomic<int> sent{0}, answered{0}, refused{0}, cut{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      TestClient client(of.port());
      try {
        while (true) {
          ++sent;
          const auto answer = client.send(get("/hello")).answer();
          answer.status == 200 ? ++answered : ++refused;
          if (answer.field("Connection") == "close") break;
        }
      } catch (const std::runtime_error&) {
        ++cut;  // closed while it was idle: the request had not been accepted
      }
    });
  }
  until([&] { return answered > 500; });
  of.server->begin_drain();
  EXPECT_TRUE(of.server->finish_drain(30));
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sent, answered + refused + cut);
  int accepted = 0;
  for (const auto& record : of.records()) {
    EXPECT_TRUE(record.status == 200 || record.status == 503) << record.status;
    ++accepted;
  }
  EXPECT_EQ(accepted, answered + refused);
}

}  // namespace
}  // namespace dfpipe::server
