#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/context.hpp"
#include "http/http_server.hpp"

namespace dfpipe::server {

/// An answer as a client understands it.
struct TestAnswer {
  unsigned status = 0;
  HeaderFields fields;
  std::string body;
  /// The first field of that name, case-insensitively; empty when there is none.
  std::string_view field(std::string_view name) const;
  /// The "code" of an error's body.
  std::string code() const;
};

/// What a client has received, cut into answers by Beast's own parser. `heads_only`: answers to HEAD. Throws
/// std::runtime_error at bytes that are no whole answer.
std::vector<TestAnswer> read_answers(std::string_view bytes, bool heads_only = false);

/// A session over beast::test::stream, one step at a time, with a client at the other end.
class TestLine {
 public:
  TestLine(ServerConfig config, std::vector<Route> routes);
  ~TestLine();

  /// Sends and lets the session do all it can.
  TestLine& send(std::string_view bytes);
  /// Sends only.
  void hand_over(std::string_view bytes);
  /// Lets the session do one thing. False when there is none.
  bool step();
  /// Lets the session do all it can.
  void run();
  /// What has come since the last call.
  std::string received();
  /// The same, without letting the session do anything.
  std::string arrived();
  std::vector<TestAnswer> answers(bool heads_only = false) { return read_answers(received(), heads_only); }
  /// The only answer.
  TestAnswer answer();
  void leave();
  /// As if so much time had passed since now, for a session that waits for time.
  void pass(double seconds);
  void drain();
  void finish_stream();
  bool evict();
  /// The server has ended the connection.
  bool ended() const;
  std::size_t in_flight() const;
  std::size_t streams() const;

  std::vector<AccessRecord> records;
  std::vector<std::string> log;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// The bytes of a request; `fields` end with their line ends.
std::string get(const std::string& target, const std::string& fields = "");
std::string post(const std::string& target, const std::string& body, const std::string& fields = "");

/// A route of a test; what the function throws or answers.
Route route(const std::string& method, const std::string& path, std::function<void(Reply)> answer);
/// A POST route that answers with the body it got.
Route echo(const std::string& path, std::uint64_t body_limit);
Response text(const std::string& body);

}  // namespace dfpipe::server
