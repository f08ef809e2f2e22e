#include <gmock/gmock.h>

#include "http/static_files.hpp"
#include "http/test_line.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::server {
namespace {

class StaticAnswer : public ::testing::Test {
 protected:
  StaticAnswer() {
    folder_.write("index.html", page_);
    folder_.write("assets/app-Bx7d_9Qz.js", "let a;");
    ServerConfig config;
    config.files = StaticFiles::load(folder_.path());
    config.keys = {{std::string(32, 'x'), "nobody"}};  // the page needs no key
    config.cors_origins = {"http://localhost:5173"};
    line_ = std::make_unique<TestLine>(config, std::vector<Route>{echo("/", 10)});
  }

  TestAnswer ask(const std::string& fields, const std::string& start = "GET /") {
    return line_->send(start + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n").answer();
  }

  testing::ScratchFolder folder_;
  const std::string page_ = "<!doctype html>" + std::string(2000, ' ');
  std::unique_ptr<TestLine> line_;
};

TEST_F(StaticAnswer, IsTheFile) {
  const auto answer = ask("");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, page_);
  EXPECT_THAT(std::string(answer.field("Content-Type")), ::testing::StartsWith("text/html"));
  EXPECT_EQ(answer.field("Cache-Control"), "no-cache");
  EXPECT_EQ(answer.field("Vary"), "Accept-Encoding, Origin");
  EXPECT_NE(answer.field("Content-Security-Policy"), "");
  EXPECT_EQ(line_->records.at(0).route, "static");
  EXPECT_EQ(line_->records.at(0).sent, page_.size());
  EXPECT_EQ(ask("", "GET /assets/app-Bx7d_9Qz.js").field("Cache-Control"), "public, max-age=31536000, immutable");
}

TEST_F(StaticAnswer, IsCompressedForWhoTakesIt) {
  for (const char* accepts : {"gzip", "deflate, GZIP;q=0.5, br", "br,gzip ; q=1.0"}) {
    const auto answer = ask(std::string("Accept-Encoding: ") + accepts + "\r\n");
    EXPECT_EQ(answer.field("Content-Encoding"), "gzip") << accepts;
    EXPECT_EQ(answer.body.substr(0, 2), "\x1f\x8b");
    EXPECT_LT(answer.body.size(), page_.size());
  }
  for (const char* accepts : {"gzip;q=0", "gzip;q=0.000", "br", "xgzip", ""}) {
    const auto answer = ask(std::string("Accept-Encoding: ") + accepts + "\r\n");
    EXPECT_EQ(answer.field("Content-Encoding"), "") << accepts;
    EXPECT_EQ(answer.body, page_);
  }
}

TEST_F(StaticAnswer, IsNotSentAgainToWhoHasIt) {
  const std::string plain(ask("").field("ETag")), compressed(ask("Accept-Encoding: gzip\r\n").field("ETag"));
  EXPECT_NE(plain, compressed);
  for (const auto& known : {plain, "W/" + plain, "\"x\", " + plain, std::string("*")}) {
    const auto answer = ask("If-None-Match: " + known + "\r\n");
    EXPECT_EQ(answer.status, 304U) << known;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.field("ETag"), plain);
    EXPECT_EQ(answer.field("Content-Length"), "");
  }
  EXPECT_EQ(ask("If-None-Match: " + compressed + "\r\n").status, 200U);
  EXPECT_EQ(ask("Accept-Encoding: gzip\r\nIf-None-Match: " + compressed + "\r\n").status, 304U);
}

TEST_F(StaticAnswer, OtherMethodsAreRoutedOrRefused) {
  const auto posted = line_->send("POST / HTTP/1.1\r\nHost: a\r\n\r\n").answer();
  EXPECT_EQ(posted.status, 401U);  // the route's, which wants a key
  const auto refused = ask("", "DELETE /index.html");
  EXPECT_EQ(refused.status, 405U);
  EXPECT_EQ(refused.field("Allow"), "GET, HEAD, OPTIONS");
  line_->send("HEAD /index.html HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = line_->answers(true).at(0);
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.field("Content-Length"), std::to_string(page_.size()));
}

TEST_F(StaticAnswer, NoPathReachesTheFileSystem) {
  for (const char* path : {"/assets/", "/assets", "/index.html/", "/%69ndex.htm", "/etc/passwd", "/assets/app"}) {
    EXPECT_EQ(ask("", std::string("GET ") + path).status, 404U) << path;
  }
}

}  // namespace
}  // namespace dfpipe::server
