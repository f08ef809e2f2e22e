#include "http/policy.hpp"

#include <gmock/gmock.h>

namespace dfpipe::server {
namespace {

using testing::Pair;

AcceptedHead accept(const std::string& bytes) { return accept_head(bytes, 64); }

/// "" when accepted, else "STATUS code".
std::string verdict(const std::string& bytes) {
  try {
    HeadEnd end;
    const auto size = end.find(bytes);
    if (!size) return "incomplete";
    accept_head(std::string_view(bytes).substr(0, *size), 64);
    return "";
  } catch (const Refusal& refusal) {
    return std::to_string(refusal.status()) + " " + refusal.code();
  }
}

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n";
}

TEST(HeaderPolicy, UnderstandsAPlainRequest) {
  const auto accepted =
      accept("POST /v1/a%20b?x=1&y=%32 HTTP/1.1\r\nHost: [::1]:5001\r\nContent-Length: 12\r\nX-One:  two \r\n\r\n");
  EXPECT_EQ(accepted.head.method, "POST");
  EXPECT_EQ(accepted.head.path, "/v1/a b");
  EXPECT_EQ(accepted.target, "/v1/a%20b");
  EXPECT_EQ(accepted.head.query, "x=1&y=%32");
  EXPECT_EQ(accepted.head.parameter("y"), "2");
  EXPECT_EQ(accepted.head.content_length, 12U);
  EXPECT_THAT(accepted.head.fields, testing::Contains(Pair("X-One", "two")));
  EXPECT_EQ(accepted.head.field("x-one"), "two");
  EXPECT_TRUE(accepted.keep_alive);
}

TEST(HeaderPolicy, KnowsWhetherTheConnectionStays) {
  EXPECT_FALSE(accept(get("/", "Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(accept(get("/", "Connection: keep-alive, Close\r\n")).keep_alive);
  EXPECT_FALSE(accept(get("/", "Connection: x\r\nConnection: close\r\n")).keep_alive);
  EXPECT_FALSE(accept("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(accept("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(HeaderPolicy, ExpectsOnlyAContinue) {
  EXPECT_TRUE(accept(get("/", "Expect: 100-Continue\r\n")).expects_continue);
  EXPECT_EQ(verdict(get("/", "Expect: more\r\n")), "417 expectation");
}

TEST(HeaderPolicy, RefusesTargetsThatAreNotPlainPaths) {
  EXPECT_EQ(verdict(get("/a/b/?q=/../x")), "");
  for (const char* target : {"http://example.org/",
                             "*",
                             "example.org:80",
                             "//x",
                             "/a//b",
                             "/..",
                             "/../../x",
                             "/a/../b",
                             "/a/.",
                             "/./a",
                             "/%2e%2e/x",
                             "/a/%2E./b",
                             "/a%2f..%2fb",
                             "/%2fx",
                             "/%",
                             "/%4",
                             "/%zz",
                             "/a?b=%g0",
                             "/%00",
                             "/a%0d%0aX:1",
                             "/a\\b",
                             "/a%5cb",
                             "/a#b",
                             "/\xc3\xa4",
                             "/a\tb",
                             "/%7f"}) {
    EXPECT_THAT(verdict(get(target)), testing::StartsWith("400 bad_")) << target;
  }
}

TEST(HeaderPolicy, WantsOneSaneHost) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(verdict("GET / HTTP/1.0\r\n\r\n"), "");
  EXPECT_EQ(verdict("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), "400 bad_host");
  for (const char* host : {"", "a b", "a/b", "a@b", "a,b", "<a>", "\xe4"}) {
    EXPECT_EQ(verdict(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n"), "400 bad_host") << host;
  }
}

TEST(HeaderPolicy, TakesOnePlainContentLength) {
  EXPECT_EQ(accept(get("/", "Content-Length: 9999999999999999999\r\n")).head.content_length, 9999999999999999999U);
  for (const char* fields :
       {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\ncontent-length: 2\r\n",
        "Content-Length: 1, 1\r\n", "Content-Length: +1\r\n", "Content-Length: -1\r\n", "Content-Length: 0x1\r\n",
        "Content-Length: \r\n", "Content-Length: 1 \t2\r\n", "Content-Length: 10000000000000000000\r\n",
        "Content-Length: 99999999999999999999999\r\n"}) {
    EXPECT_EQ(verdict(get("/", fields)), "400 bad_content_length") << fields;
  }
}

TEST(HeaderPolicy, TakesNoTransferOrContentCoding) {
  for (const char* coding : {"chunked", "gzip", "identity", "chunked, identity", "gzip, chunked", ""}) {
    const auto field = std::string("Transfer-Encoding: ") + coding + "\r\n";
    EXPECT_EQ(verdict(get("/", field)), "501 transfer_encoding") << coding;
    EXPECT_THAT(verdict("POST / HTTP/1.0\r\n" + field + "\r\n"), "400 transfer_encoding") << coding;
    // Which of the two is named does not matter.
    for (const auto& both : {field + "Content-Length: 3\r\n", "Content-Length: 3\r\n" + field}) {
      EXPECT_THAT(verdict(get("/", both)), testing::AnyOf("400 transfer_encoding", "400 bad_content_length")) << both;
    }
  }
  EXPECT_EQ(verdict(get("/", "Content-Encoding: gzip\r\n")), "415 content_encoding");
}

TEST(HeaderPolicy, RefusesWhatOthersReadDifferently) {
  EXPECT_EQ(verdict("GET / HTTP/1.1\nHost: a\n\n"), "400 bad_head");
  EXPECT_EQ(verdict("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_head");
  EXPECT_EQ(verdict("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_head");
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\r\n\r\n"), "400 bad_head");
  EXPECT_EQ(verdict(get("/", "X: a\r\n b\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", "X: a\r\n\tb\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", "X : a\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", " X: a\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", ": a\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", "X\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", std::string("X: a\0b\r\n", 8))), "400 bad_head");
  EXPECT_EQ(verdict(get("/", "X: a\x01\r\n")), "400 bad_head");
  EXPECT_EQ(verdict(get("/", "X: a\x7f\r\n")), "400 bad_head");
  EXPECT_EQ(verdict("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_head");
  EXPECT_EQ(verdict("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_head");
  for (const char* field : {"Content-Type", "Authorization", "X-Api-Key", "Origin", "Expect", "Last-Event-ID"}) {
    EXPECT_EQ(verdict(get("/", std::string(field) + ": 100-continue\r\n" + field + ": 100-continue\r\n")),
              "400 bad_head")
        << field;
  }
}

TEST(HeaderPolicy, KnowsTwoVersionsOfHttp) {
  for (const char* version : {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/3", "http/1.1", "HTTP/11"}) {
    EXPECT_THAT(verdict(std::string("GET / ") + version + "\r\nHost: a\r\n\r\n"),
                testing::AnyOf("505 http_version", "400 bad_head"))
        << version;
  }
  EXPECT_EQ(verdict("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "505 http_version");
}

TEST(HeaderPolicy, CountsFields) {
  std::string fields;
  for (int i = 0; i < 63; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_EQ(verdict(get("/", fields)), "");
  EXPECT_EQ(verdict(get("/", fields + "Y: 1\r\n")), "431 too_many_fields");
}

TEST(HeaderPolicy, FindsTheEndWhereverTheBytesAreCut) {
  const std::string head = get("/", "X: 1\r\n"), all = head + "GET /next";
  HeadEnd end;
  for (std::size_t size = 0; size < head.size(); ++size) EXPECT_EQ(end.find(all.substr(0, size)), std::nullopt) << size;
  EXPECT_EQ(end.find(all), head.size());
}

TEST(HeaderPolicy, ReadsParameters) {
  RequestHead head;
  head.query = "a&b=&c=1+2%2B&c=3&%64=x";
  EXPECT_EQ(head.parameter("a"), "");
  EXPECT_EQ(head.parameter("b"), "");
  EXPECT_EQ(head.parameter("c"), "1 2+");
  EXPECT_EQ(head.parameter("d"), "x");
  EXPECT_EQ(head.parameter("e"), std::nullopt);
}

}  // namespace
}  // namespace dfpipe::server
