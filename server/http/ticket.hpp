#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/event_body.hpp"
#include "http/exchange.hpp"

namespace dfpipe::server {

/// What is sent for a request, with the error's code for the log.
struct Answer {
  Response response;
  std::string code;
};

/// What a client is told of an exception that is no Refusal.
Refusal internal_error();

/// Counts one thing for as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::size_t>& counter) : counter_(&counter) { ++*counter_; }
  ~Counted() { release(); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  void release() {
    if (counter_) --*counter_;
    counter_ = nullptr;
  }

 private:
  std::atomic<std::size_t>* counter_;
};

/// One request between a session, which waits for its answer, and the handles that may give it. For any thread; it may
/// outlive the session and the server.
class Exchange {
 public:
  /// What one server's exchanges have in common.
  struct Shared {
    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::size_t> streams{0};
    std::size_t max_streams = 0;
  };
  /// `wake` is called, from any thread, when there is something to take; it must not call back.
  Exchange(std::string request_id, std::shared_ptr<Shared> shared, std::function<void()> wake);

  const std::string& request_id() const { return request_id_; }
  const std::atomic<bool>& abandoned() const { return abandoned_; }

  /// False when it came too late.
  bool give(Answer answer);
  /// A stream in place of an answer. Null when it came too late or too many streams are open, which is answered.
  std::shared_ptr<EventStream::Body> give_stream();

  /// For the session: the answer or the stream, once.
  std::optional<Answer> take();
  std::shared_ptr<EventStream::Body> take_stream();
  /// The client has left.
  void abandon();
  /// The deadline has passed. False when an answer or a stream was there before.
  bool expire();
  /// The session has answered, or answers itself: nobody needs to be woken.
  void detach();
  /// While held, nobody is woken: the session looks itself.
  void hold_wake(bool hold);

 private:
  bool claim();  ///< under the mutex: the first one may answer

  const std::string request_id_;
  const std::shared_ptr<Shared> shared_;
  std::atomic<bool> abandoned_{false};
  std::mutex mutex_;
  std::function<void()> wake_;
  bool claimed_ = false, held_ = false;
  std::optional<Answer> answer_;
  std::shared_ptr<EventStream::Body> stream_;
  Counted in_flight_;
};

/// What the copies of one Reply share; with the last of them the right to answer goes.
class Reply::Ticket {
 public:
  explicit Ticket(std::shared_ptr<Exchange> exchange);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  const std::shared_ptr<Exchange> exchange;
  const std::shared_ptr<const std::atomic<bool>> abandoned;
};

}  // namespace dfpipe::server
