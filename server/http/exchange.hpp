#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a route's author sees of HTTP: a request's head, its body in pieces, and a reply that may be given later, from
/// any thread. The transport behind it knows nothing of pipelines.
namespace dfpipe::server {

using Clock = std::chrono::steady_clock;
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  HeaderFields headers = {};  ///< besides those that every answer carries
  /// In place of `body`, without a copy: a file of the page.
  std::shared_ptr<const std::string> shared_body = nullptr;
};

/// Thrown by whoever will not go on with a request: it is answered with {error, code, request_id}, and the connection
/// is closed when its body has not been read to the end.
class Refusal : public std::runtime_error {
 public:
  Refusal(unsigned status, std::string code, const std::string& sentence, HeaderFields headers = {})
      : std::runtime_error(sentence), status_(status), code_(std::move(code)), headers_(std::move(headers)) {}
  unsigned status() const noexcept { return status_; }
  const std::string& code() const noexcept { return code_; }
  const HeaderFields& headers() const noexcept { return headers_; }

 private:
  unsigned status_;
  std::string code_;
  HeaderFields headers_;
};

/// {"error": …, "code": …, "request_id": …}
Response error_response(const Refusal& refusal, const std::string& request_id);

/// A request without its body, after it has passed the header policy, the key and the router.
struct RequestHead {
  std::string method;
  std::string path;                                        ///< origin-form, without the query, percent-decoded
  std::string query;                                       ///< as sent, without the question mark
  std::vector<std::pair<std::string, std::string>> named;  ///< what the route's {name} parts stand for
  HeaderFields fields;
  std::uint64_t content_length = 0;
  std::string request_id;   ///< 32 hex digits, made here
  Clock::time_point began;  ///< its first byte

  /// The first field of that name, case-insensitively; empty when there is none.
  std::string_view field(std::string_view name) const;
  /// What stands for {name} in the route; empty when it has none.
  std::string_view named_part(std::string_view name) const;
  /// The decoded value of a query parameter, the first of that name.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// A stream of server-sent events. A cheap handle, all functions for any thread.
class EventStream {
 public:
  class Body;  ///< the transport's
  explicit EventStream(std::shared_ptr<Body> body);
  /// One event; `data` must be one line. `id` 0: none. False when the client is gone, or so slow that 1 MiB waits for
  /// it: such a stream is closed.
  bool send(std::string_view event, std::string_view data, std::uint64_t id = 0) const;
  /// Bytes of events that wait for the client.
  std::size_t waiting() const;
  /// For whoever has much to send: `room` is called on a network thread each time nothing waits any more. Never within
  /// one of these functions.
  void on_room(std::function<void()> room) const;
  /// What was sent is delivered, then the connection ends.
  void finish() const;
  bool open() const;

 private:
  std::shared_ptr<Body> body_;
};

/// The right to answer one request: a cheap handle, all functions for any thread. The first answer wins. When the last
/// handle goes unanswered, the client gets 500 (code "unanswered").
class Reply {
 public:
  class Ticket;  ///< the transport's
  explicit Reply(std::shared_ptr<Ticket> ticket);
  /// False when it came too late: answered already (a 504 by the deadline included), or the client has left.
  bool send(Response response) const;
  bool send(const Refusal& refusal) const;
  /// Answers 200 with text/event-stream. Comments keep it alive while nothing is sent. The deadline does not apply.
  EventStream stream() const;
  /// Becomes true when nobody waits any more: the deadline has passed, or the client has left.
  const std::shared_ptr<const std::atomic<bool>>& abandoned() const;
  const std::string& request_id() const;

 private:
  std::shared_ptr<Ticket> ticket_;
};

/// The handling of one request. Its functions are called one after the other, on a network thread: they must not block.
/// What they throw is answered: a Refusal as it says, all else with 500 (code "internal"), the message logged only.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The next bytes of the body, in order; never called without a body.
  virtual void receive(std::string_view bytes);
  /// The body is complete. The reply may be given here or kept.
  virtual void answer(Reply reply) = 0;
};

struct Route {
  std::string method;  ///< HEAD is answered by GET's route, without the body
  std::string path;    ///< "/v1/jobs/{id}": a part in braces is any one non-empty segment
  std::string name;    ///< in logs and metrics, so that no client chooses it: "job"
  /// Looks at the head; may throw a Refusal, before a byte of the body is read.
  std::function<std::unique_ptr<Handler>(const RequestHead&)> handle = {};
  std::uint64_t body_limit = 0;  ///< bytes; 0: the request must have no body
  bool open = false;             ///< needs no key
  /// After the head: past it the client gets 504 (code "deadline"). Zero: none.
  std::chrono::milliseconds deadline{0};
};

/// A handler from a function that needs no body.
std::unique_ptr<Handler> answer_with(std::function<void(Reply)> answer);

}  // namespace dfpipe::server
