#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/test_line.hpp"

namespace dfpipe::server {

/// A client over a real socket to the loopback. Waits 20 s at most for anything.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }
  /// Sends everything, or as much as the server takes before it ends the connection.
  TestClient& send(std::string_view bytes);
  /// The next answer with a length. Throws std::runtime_error when the connection ends before.
  TestAnswer answer();
  /// Everything until the end of the connection.
  std::string rest();
  /// Whether the server has ended the connection, or does within 20 s, without sending anything more.
  bool ended() { return rest().empty(); }
  /// The same, and it ended with its last byte, not with a TCP reset, which may cost a client what it has not read yet.
  bool ended_in_order() { return ended() && !was_reset_; }
  void reset();  ///< with a TCP reset
  int descriptor() const { return descriptor_; }

 private:
  bool receive();

  int descriptor_;
  bool connected_ = false, was_reset_ = false;
  std::string inbox_;
};

/// GET of a path on a connection of its own.
TestAnswer fetch(std::uint16_t port, const std::string& path);

}  // namespace dfpipe::server
