#include <gmock/gmock.h>

#include "dfpipe/sha256.hpp"
#include "http/cors.hpp"
#include "http/router.hpp"
#include "http/test_line.hpp"

namespace dfpipe::server {
namespace {

const std::string page = "http://localhost:5173";

std::string digest(const std::string& key) {
  const std::string hex = sha256_hex(key);
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::vector<Route> routes() {
  auto live = route("GET", "/livez", [](Reply reply) { reply.send(text("alive")); });
  live.open = true;
  return {live, route("GET", "/hello", [](Reply reply) { reply.send(text("hello")); }), echo("/echo", 10)};
}

ServerConfig with_keys() {
  ServerConfig config;
  config.keys = {{digest("a key of the first"), "first"}, {digest("a key of the second"), "second"}};
  return config;
}

TEST(ApiKeys, AreTakenFromEitherField) {
  TestLine line(with_keys(), routes());
  EXPECT_EQ(line.send(get("/hello", "Authorization: Bearer a key of the first\r\n")).answer().body, "hello");
  EXPECT_EQ(line.send(get("/hello", "authorization: bearer  a key of the second\r\n")).answer().body, "hello");
  EXPECT_EQ(line.send(get("/hello", "X-Api-Key: a key of the second\r\n")).answer().body, "hello");
  EXPECT_EQ(line.records.at(0).key_name, "first");
  EXPECT_EQ(line.records.at(1).key_name, "second");
  EXPECT_EQ(line.records.at(2).key_name, "second");
}

TEST(ApiKeys, AreWantedWhereTheRouteIsNotOpen) {
  for (const char* fields :
       {"", "X-Api-Key: \r\n", "X-Api-Key: a key of the firs\r\n", "X-Api-Key: A key of the first\r\n",
        "Authorization: Basic a key of the first\r\n", "Authorization: Bearer\r\n", "X-Api-Key: first\r\n",
        "Cookie: X-Api-Key=a key of the first\r\n"}) {
    TestLine line(with_keys(), routes());
    const auto answer = line.send(get("/hello", fields)).answer();
    EXPECT_EQ(answer.status, 401U) << fields;
    EXPECT_EQ(answer.code(), "unauthorized");
    EXPECT_EQ(answer.field("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(line.records.at(0).key_name, "");
    EXPECT_EQ(line.send(get("/livez")).answer().body, "alive");
  }
}

TEST(ApiKeys, AreCheckedBeforeTheBody) {
  TestLine line(with_keys(), routes());
  const auto answer =
      line.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n").answer();
  EXPECT_EQ(answer.status, 401U);
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST(ApiKeys, AreNoneWithoutConfiguration) {
  TestLine line({}, routes());
  EXPECT_EQ(line.send(get("/hello", "X-Api-Key: whatever\r\n")).answer().body, "hello");
  EXPECT_EQ(line.records.at(0).key_name, "");
}

ServerConfig with_origins() {
  ServerConfig config;
  config.cors_origins = {"http://127.0.0.1:5173", page};
  return config;
}

TEST(CrossOrigin, ListedOriginsMayReadAllAnswers) {
  TestLine line(with_origins(), routes());
  for (const char* target : {"/hello", "/nowhere"}) {
    const auto answer = line.send(get(target, "Origin: " + page + "\r\n")).answer();
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), page);
    EXPECT_EQ(answer.field("Vary"), "Origin");
    EXPECT_EQ(answer.field("Access-Control-Expose-Headers"), "X-Request-Id, Retry-After, Location, Server-Timing");
    EXPECT_EQ(answer.field("Access-Control-Allow-Credentials"), "");
  }
}

TEST(CrossOrigin, OthersMayNot) {
  TestLine line(with_origins(), routes());
  for (const char* origin : {"http://localhost:5174", "http://LOCALHOST:5173", "https://localhost:5173", "null", "",
                             "http://localhost:5173.evil.example", "http://localhost:517"}) {
    const auto answer = line.send(get("/hello", std::string("Origin: ") + origin + "\r\n")).answer();
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "") << origin;
  }
}

TEST(CrossOrigin, IsOffWithoutConfiguration) {
  TestLine line({}, routes());
  const auto answer = line.send(get("/hello", "Origin: " + page + "\r\n")).answer();
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(answer.field("Vary"), "");
}

TEST(CrossOrigin, PreflightsNeedNoKey) {
  auto config = with_keys();
  config.cors_origins = {page};
  TestLine line(config, routes());
  const auto ask = [&](const std::string& fields) {
    return line.send("OPTIONS /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").answer();
  };
  const auto allowed = ask("Origin: " + page + "\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(allowed.status, 204U);
  EXPECT_EQ(allowed.field("Access-Control-Allow-Origin"), page);
  EXPECT_EQ(allowed.field("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(allowed.field("Access-Control-Allow-Headers"), "Content-Type, Authorization, X-Api-Key, Last-Event-ID");
  EXPECT_EQ(allowed.field("Access-Control-Max-Age"), "600");
  EXPECT_EQ(allowed.field("Content-Length"), "");

  const auto other = ask("Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(other.status, 204U);
  EXPECT_EQ(other.field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(other.field("Access-Control-Allow-Methods"), "");
  EXPECT_EQ(other.field("Access-Control-Allow-Origin"), "");
}

TEST(CrossOrigin, EntriesMustBeOrigins) {
  for (const char* origin : {"*", "null", "localhost:5173", "http://", "http://a/", "http://a b", "ftp://a"}) {
    EXPECT_THROW(Cors({origin}), std::invalid_argument) << origin;
  }
}

TEST(Router, RefusesWhatCannotBeReached) {
  const Route one{"GET", "/a", "one"}, same{"GET", "/a", "same"}, bare{"GET", "a", "bare"};
  EXPECT_THROW(Router({one, same}), std::invalid_argument);
  EXPECT_THROW(Router({bare}), std::invalid_argument);
}

}  // namespace
}  // namespace dfpipe::server
