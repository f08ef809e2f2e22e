#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/context.hpp"
#include "http/policy.hpp"
#include "http/ticket.hpp"
#include "http/wire.hpp"

namespace dfpipe::server {

/// So many seconds after a time; very many mean never.
Clock::time_point after(Clock::time_point start, double seconds);

/// One connection: reads requests one after the other, hands them to their routes and writes the answers, in order.
/// It has no timer: whoever owns it calls `check_time` once `due()` has passed.
class Session : public std::enable_shared_from_this<Session> {
 public:
  enum class Phase : std::uint8_t {
    idle,       ///< no byte of the next request has come
    head,       ///< a part of it
    body,       ///< its head is accepted; the rest comes
    waiting,    ///< for the handler's answer
    writing,    ///< the answer
    streaming,  ///< events
    lingering,  ///< after the last answer, so that the client can read it before the connection is gone
    closed
  };

  /// `closed` is called once, from the session's own executor.
  Session(std::unique_ptr<Wire> wire, std::shared_ptr<Context> context, std::string remote,
          std::function<void(Session&)> closed);
  ~Session();

  // The functions below are for any thread.

  /// `spare`: taken although the server is full, so that probes work; only open routes are served.
  void start(bool spare);
  /// Ends a connection that is in no request. False when it is in one, or closed.
  bool evict();
  void check_time(Clock::time_point now);
  /// The server drains: an idle connection ends. What a stream still has to tell may come from what is drained.
  void drain();
  void finish_stream();
  void close();

  Phase phase() const { return phase_; }
  /// When the current phase began.
  Clock::time_point since() const { return Clock::time_point(Clock::duration(since_)); }
  Clock::time_point due() const { return Clock::time_point(Clock::duration(due_)); }
  const std::string& remote() const { return remote_; }

 private:
  // session.cpp: phases, reading, time, the end
  bool enter(Phase next, double seconds);
  void set_due(Clock::time_point due) { due_ = due.time_since_epoch().count(); }
  void set_due(double seconds);
  void later(std::function<void()> task);
  void read(std::size_t most);
  void received(std::string_view bytes);
  void on_time(Clock::time_point now);
  void on_drain();
  void linger();
  void next();
  void shut();
  void finish_record(unsigned status);

  // session_head.cpp: from bytes to a handler
  void take_head();
  void begin(AcceptedHead accepted);
  void choose(const AcceptedHead& accepted);
  void reject(const Refusal& refusal);

  // session_body.cpp
  void start_body(bool expects_continue);
  void read_body();
  void take_body(std::string_view bytes);
  void finish_body();
  Clock::time_point body_due() const;
  void woken();

  // session_answer.cpp
  void refuse(const Refusal& refusal);
  void fail(const std::string& message);
  void answer(Answer answer);
  void write(std::string head, std::string body, std::shared_ptr<const std::string> shared, void (Session::*then)());
  void write_more();
  void written(bool worked, std::size_t bytes);
  void answered();
  void start_stream(std::shared_ptr<EventStream::Body> stream);
  void pump();
  void heartbeat();
  void end_stream();
  std::string framed(std::string_view events) const;

  const std::unique_ptr<Wire> wire_;
  const std::shared_ptr<Context> context_;
  const std::string remote_;
  std::function<void(Session&)> closed_;
  std::atomic<Phase> phase_{Phase::idle};
  std::atomic<Clock::rep> since_, due_;
  bool spare_ = false;

  std::vector<char> piece_;  ///< what is read into
  bool reading_ = false;
  std::string inbox_;  ///< received, not yet understood; never more than the limit of a head
  HeadEnd head_end_;
  std::size_t lingered_ = 0, requests_ = 0;

  // The request the session is in.
  RequestHead head_;
  HeaderFields cors_;
  const Route* route_ = nullptr;
  std::unique_ptr<Handler> handler_;
  std::shared_ptr<Exchange> exchange_;
  AccessRecord record_;
  bool recording_ = false;
  bool http_1_0_ = false, close_ = false;
  std::uint64_t body_left_ = 0;
  Clock::time_point body_began_, deadline_;

  // What is being written.
  bool writing_ = false;
  std::string out_head_, out_body_;
  std::shared_ptr<const std::string> out_shared_;
  std::size_t out_sent_ = 0;
  void (Session::*out_then_)() = nullptr;
  std::shared_ptr<EventStream::Body> stream_;
};

}  // namespace dfpipe::server
