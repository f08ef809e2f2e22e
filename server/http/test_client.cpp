#include "http/test_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace dfpipe::server {

TestClient::TestClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{20, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

TestClient::~TestClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

TestClient& TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return *this;
}

bool TestClient::receive() {
  std::array<char, 65536> piece{};
  const auto got = ::recv(descriptor_, piece.data(), piece.size(), 0);
  if (got > 0) inbox_.append(piece.data(), static_cast<std::size_t>(got));
  was_reset_ = got < 0;
  return got > 0;
}

TestAnswer TestClient::answer() {
  while (true) {
    const auto end = inbox_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto field = inbox_.find("Content-Length: ");
      const std::size_t length = field < end ? std::stoul(inbox_.substr(field + 16)) : 0, size = end + 4 + length;
      if (inbox_.size() >= size) {
        auto answers = read_answers(std::string_view(inbox_).substr(0, size));
        inbox_.erase(0, size);
        return answers.at(0);
      }
    }
    if (!receive()) throw std::runtime_error("the connection ended in place of an answer; received: " + inbox_);
  }
}

std::string TestClient::rest() {
  while (receive()) {
  }
  return std::exchange(inbox_, {});
}

void TestClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(descriptor_, -1));
}

TestAnswer fetch(std::uint16_t port, const std::string& path) {
  TestClient client(port);
  return client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").answer();
}

}  // namespace dfpipe::server
