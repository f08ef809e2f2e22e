#include <gmock/gmock.h>

#include "http/test_line.hpp"

namespace dfpipe::server {
namespace {

/// Bytes in which some program could see a second request that the server must not see.
struct Smuggling {
  const char* name;
  std::string bytes;
  unsigned status;
  const char* code;
};

const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

std::string odd(const std::string& fields, const std::string& rest, const std::string& version = "1.1") {
  return "POST /echo HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n" + rest;
}

std::vector<Smuggling> table() {
  const std::string chunk = "5\r\nhello\r\n", last = "0\r\n\r\n";
  return {
      {"chunked", odd("Transfer-Encoding: chunked\r\n", chunk + last + hidden), 501, "transfer_encoding"},
      {"chunked on 1.0", odd("Transfer-Encoding: chunked\r\n", chunk + last + hidden, "1.0"), 400, "transfer_encoding"},
      {"chunked, identity", odd("Transfer-Encoding: chunked, identity\r\n", hidden), 501, "transfer_encoding"},
      {"chunked twice", odd("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", last + hidden), 400,
       "transfer_encoding"},
      {"gzip", odd("Transfer-Encoding: gzip\r\n", hidden), 501, "transfer_encoding"},
      {"identity", odd("Transfer-Encoding: identity\r\n", hidden), 501, "transfer_encoding"},
      {"xchunked", odd("Transfer-Encoding: xchunked\r\n", hidden), 501, "transfer_encoding"},
      {"chunked and a length", odd("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", last + hidden), 400,
       "transfer_encoding"},
      {"a length and chunked", odd("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", last + hidden), 400,
       "bad_content_length"},
      {"a space before the colon", odd("Transfer-Encoding : chunked\r\n", last + hidden), 400, "bad_head"},
      {"a folded coding", odd("Transfer-Encoding:\r\n chunked\r\n", last + hidden), 400, "bad_head"},
      {"a folded field", odd("X: 1\r\n 2\r\n", hidden), 400, "bad_head"},
      {"a trailer", odd("Transfer-Encoding: chunked\r\nTrailer: X-Api-Key\r\n", "0\r\nX-Api-Key: k\r\n\r\n" + hidden),
       501, "transfer_encoding"},
      {"20 MB of trailers",
       odd("Transfer-Encoding: chunked\r\n", "0\r\nX: " + std::string(20'000'000, 'x') + "\r\n\r\n" + hidden), 501,
       "transfer_encoding"},
      {"20 MB of extensions",
       odd("Transfer-Encoding: chunked\r\n", "5;x=" + std::string(20'000'000, 'x') + "\r\nhello\r\n" + last + hidden),
       501, "transfer_encoding"},
      {"two lengths", odd("Content-Length: 0\r\nContent-Length: 35\r\n", hidden), 400, "bad_content_length"},
      {"two equal lengths", odd("Content-Length: 5\r\nContent-Length: 5\r\n", "hello" + hidden), 400,
       "bad_content_length"},
      {"a list of lengths", odd("Content-Length: 5, 5\r\n", "hello" + hidden), 400, "bad_content_length"},
      {"a signed length", odd("Content-Length: +5\r\n", "hello" + hidden), 400, "bad_content_length"},
      {"a length beyond 64 bits", odd("Content-Length: 18446744073709551621\r\n", "hello" + hidden), 400,
       "bad_content_length"},
      {"two hosts", "GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" + hidden, 400, "bad_host"},
      {"no host", "GET /echo HTTP/1.1\r\n\r\n" + hidden, 400, "bad_host"},
      {"an absolute target", "GET http://a/hidden HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, 400, "bad_target"},
      {"dots", "GET /../../hidden HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, 400, "bad_target"},
      {"a tunnel", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, 400, "bad_target"},
      {"line feeds only", "GET /echo HTTP/1.1\nHost: a\n\n" + hidden, 400, "bad_head"},
      {"one line feed", "GET /echo HTTP/1.1\r\nHost: a\r\nX: 1\nContent-Length: 35\r\n\r\n" + hidden, 400, "bad_head"},
      {"a carriage return in a value", "GET /echo HTTP/1.1\r\nHost: a\r\nX: 1\rContent-Length: 35\r\n\r\n" + hidden,
       400, "bad_head"},
      {"an empty first line", "\r\n" + hidden, 400, "bad_head"},
      {"a compressed body", odd("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello" + hidden), 415,
       "content_encoding"},
      {"a head without an end", "GET /echo HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n" + hidden,
       431, "head_too_large"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, 505, "http_version"},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15) + hidden, 400, "bad_head"},
      {"a body for a path without one", "GET /hidden HTTP/1.1\r\nHost: a\r\nContent-Length: 34\r\n\r\n" + hidden, 413,
       "body_too_large"},
      {"a body that is too large", odd("Content-Length: 101\r\n", hidden + hidden + hidden), 413, "body_too_large"},
      {"a body for nothing", "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 34\r\n\r\n" + hidden, 404,
       "not_found"},
  };
}

TEST(Smuggling, NothingBehindARefusedHeadIsARequest) {
  for (const auto& row : table()) {
    SCOPED_TRACE(row.name);
    int hidden_calls = 0;
    TestLine line({}, {echo("/echo", 100), route("GET", "/hidden", [&](Reply reply) {
                         ++hidden_calls;
                         reply.send(text("seen"));
                       })});
    line.send(row.bytes);
    const auto answer = line.answer();
    EXPECT_EQ(answer.status, row.status);
    EXPECT_EQ(answer.code(), row.code);
    EXPECT_EQ(answer.field("Connection"), "close");
    line.send(hidden);  // too late as well
    EXPECT_EQ(line.received(), "");
    line.leave();
    EXPECT_TRUE(line.ended());
    EXPECT_EQ(hidden_calls, 0);
    ASSERT_EQ(line.records.size(), 1U);
    EXPECT_EQ(line.records[0].status, row.status);
    EXPECT_EQ(line.records[0].code, row.code);
    EXPECT_EQ(line.in_flight(), 0U);
  }
}

TEST(Smuggling, TheSameBytesInSmallPiecesFareAlike) {
  for (const auto& row : table()) {
    if (row.bytes.size() > 100'000) continue;
    SCOPED_TRACE(row.name);
    int hidden_calls = 0;
    TestLine line({}, {echo("/echo", 100), route("GET", "/hidden", [&](Reply reply) {
                         ++hidden_calls;
                         reply.send(text("seen"));
                       })});
    for (std::size_t i = 0; i < row.bytes.size(); i += 7) line.send(std::string_view(row.bytes).substr(i, 7));
    EXPECT_EQ(line.answer().status, row.status);
    EXPECT_EQ(hidden_calls, 0);
  }
}

TEST(Smuggling, WhatFollowsABodyIsTheNextRequestAndNothingInTheBodyIs) {
  int hidden_calls = 0;
  TestLine line({}, {echo("/echo", 100), route("GET", "/hidden", [&](Reply reply) {
                       ++hidden_calls;
                       reply.send(text("seen"));
                     })});
  line.send(odd("Content-Length: " + std::to_string(hidden.size()) + "\r\n", hidden + hidden));
  const auto answers = line.answers();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].body, hidden);
  EXPECT_EQ(answers[1].body, "seen");
  EXPECT_EQ(hidden_calls, 1);
}

}  // namespace
}  // namespace dfpipe::server
