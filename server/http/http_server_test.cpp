#include "http/http_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace dfpipe::server {
namespace {

/// Sends and reads until the end of the connection.
std::string talk(std::uint16_t port, const std::string& text) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return "no connection";
  EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  std::string all;
  char piece[4096];
  for (ssize_t n = 0; (n = ::recv(fd, piece, sizeof piece, 0)) > 0;) all.append(piece, static_cast<std::size_t>(n));
  ::close(fd);
  return all;
}

TEST(HttpServer, AnswersOverARealSocket) {
  ServerConfig config;
  config.port = 0;
  Route live{"GET", "/livez", "livez"};
  live.handle = [](const RequestHead&) {
    return answer_with([](Reply reply) { reply.send(Response{200, "application/json", "{\"status\":\"ok\"}"}); });
  };
  live.open = true;
  HttpServer server(config, {live});
  server.start();
  const auto answer = talk(server.port(), "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.rfind("HTTP/1.1 200 OK\r\n", 0), 0U) << answer;
  EXPECT_NE(answer.find("\r\n\r\n{\"status\":\"ok\"}"), std::string::npos);
  server.begin_drain();
  EXPECT_TRUE(server.finish_drain());
}

}  // namespace
}  // namespace dfpipe::server
