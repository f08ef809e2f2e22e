#include "http/session.hpp"

#include <algorithm>

namespace dfpipe::server {
namespace {

constexpr std::size_t small_piece = 4096, large_piece = 64 * 1024;
/// A client that sends a body which is too large mostly looks for the answer behind it only.
constexpr std::size_t most_lingered = 32 << 20;
constexpr double linger_seconds = 1, spare_seconds = 1, hurried_seconds = 1;

}  // namespace

Clock::time_point after(Clock::time_point start, double seconds) {
  constexpr double longest = 1e9;  // some 30 years: the clock counts nanoseconds in 63 bits
  return start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(seconds, longest)));
}

Session::Session(std::unique_ptr<Wire> wire, std::shared_ptr<Context> context, std::string remote,
                 std::function<void(Session&)> closed)
    : wire_(std::move(wire)),
      context_(std::move(context)),
      remote_(std::move(remote)),
      closed_(std::move(closed)),
      since_(Clock::now().time_since_epoch().count()),
      due_(Clock::time_point::max().time_since_epoch().count()),
      piece_(small_piece) {}

Session::~Session() {
  if (exchange_) exchange_->abandon();
}

void Session::later(std::function<void()> task) {
  wire_->post([self = shared_from_this(), task = std::move(task)] {
    if (self->phase_ == Phase::closed) return;
    try {
      task();
    } catch (const std::exception& error) {
      self->context_->log(std::string("a connection is given up: ") + error.what());
      self->shut();
    }
  });
}

void Session::start(bool spare) {
  later([this, spare] {
    spare_ = spare;
    next();
  });
}

bool Session::evict() {
  // Whichever comes first, this or the request's complete head, decides: the session may be at it just now.
  for (Phase from : {Phase::lingering, Phase::idle, Phase::head}) {
    if (!phase_.compare_exchange_strong(from, Phase::closed)) continue;
    wire_->post([self = shared_from_this()] { self->shut(); });
    return true;
  }
  return false;
}

void Session::check_time(Clock::time_point now) {
  later([this, now] { on_time(now); });
}

void Session::finish_stream() {
  later([this] {
    if (phase_ == Phase::streaming) stream_->finish();
  });
}

void Session::drain() {
  later([this] { on_drain(); });
}

void Session::close() {
  wire_->post([self = shared_from_this()] { self->shut(); });
}

bool Session::enter(Phase next, double seconds) {
  Phase from = phase_;
  while (from != Phase::closed) {
    if (!phase_.compare_exchange_weak(from, next)) continue;
    if (from != next) since_ = Clock::now().time_since_epoch().count();
    set_due(seconds);
    return true;
  }
  return false;
}

void Session::set_due(double seconds) { set_due(after(Clock::now(), seconds)); }

void Session::read(std::size_t most) {
  if (reading_ || most == 0) return;
  reading_ = true;
  if (piece_.size() < most) piece_.resize(most);
  wire_->read_some(piece_.data(), most, [self = shared_from_this()](bool worked, std::size_t bytes) {
    self->reading_ = false;
    if (self->phase_ == Phase::closed) return;
    try {
      if (worked) {
        self->received({self->piece_.data(), bytes});
      } else {
        self->shut();
      }
    } catch (const std::exception& error) {
      self->context_->log(std::string("a connection is given up: ") + error.what());
      self->shut();
    }
  });
}

void Session::received(std::string_view bytes) {
  const auto room = [this] {
    const auto limit = context_->config.limits.header_bytes;
    return std::min(small_piece, limit - std::min(limit, inbox_.size()));
  };
  switch (phase_) {
    case Phase::idle:
      head_.began = Clock::now();
      if (!enter(Phase::head, spare_ ? spare_seconds : context_->config.limits.header_seconds)) return;
      [[fallthrough]];
    case Phase::head:
      inbox_ += bytes;
      take_head();
      break;
    case Phase::body:
      if (writing_) {  // the 100 Continue goes out first
        inbox_ += bytes;
      } else {
        take_body(bytes);
      }
      break;
    case Phase::waiting:
    case Phase::streaming:
      inbox_ += bytes;
      read(room());  // to notice when the client leaves
      break;
    case Phase::writing:
      inbox_ += bytes;
      break;
    case Phase::lingering:
      lingered_ += bytes.size();
      if (lingered_ > most_lingered) return shut();
      read(large_piece);
      break;
    case Phase::closed:
      break;
  }
}

void Session::on_time(Clock::time_point now) {
  if (now < due()) return;
  switch (phase_) {
    case Phase::head:
      reject(Refusal(408, "header_timeout", "the request's head took too long"));
      break;
    case Phase::body:
      if (writing_) return shut();  // even the 100 Continue does not get through
      if (now >= deadline_) {
        exchange_->expire();
        refuse(Refusal(504, "deadline", "the request took too long"));
      } else if (now < body_due()) {
        set_due(std::min(body_due(), deadline_));
      } else {
        refuse(Refusal(408, "body_too_slow", "the request's body came too slowly"));
      }
      break;
    case Phase::waiting:
      if (exchange_->expire()) {
        refuse(Refusal(504, "deadline", "there was no answer in time"));
      } else {
        woken();
      }
      break;
    case Phase::streaming:
      if (writing_) return shut();
      heartbeat();
      break;
    case Phase::idle:
    case Phase::writing:
    case Phase::lingering:
      shut();
      break;
    case Phase::closed:
      break;
  }
}

void Session::on_drain() {
  switch (phase_) {
    case Phase::idle:
      shut();
      break;
    case Phase::head:
      set_due(std::min(due(), after(Clock::now(), hurried_seconds)));
      break;
    default:
      break;
  }
}

void Session::next() {
  route_ = nullptr;
  handler_.reset();
  exchange_.reset();
  cors_.clear();
  head_ = RequestHead();
  head_end_ = HeadEnd();
  body_left_ = 0;
  if (piece_.size() > small_piece && !reading_) {
    piece_.resize(small_piece);
    piece_.shrink_to_fit();
  }
  const Limits& limits = context_->config.limits;
  if (inbox_.empty()) {
    if (!enter(Phase::idle, spare_ ? spare_seconds : limits.idle_seconds)) return;
    // The drain may have begun after this connection was asked to end.
    if (context_->draining) return shut();
    read(small_piece);
  } else {
    head_.began = Clock::now();
    if (enter(Phase::head, limits.header_seconds)) take_head();
  }
}

void Session::linger() {
  if (!enter(Phase::lingering, linger_seconds)) return;
  wire_->shutdown_send();
  inbox_.clear();
  read(large_piece);
}

void Session::shut() {
  if (!closed_) return;
  phase_ = Phase::closed;
  const auto told = std::exchange(closed_, nullptr);
  if (exchange_) exchange_->abandon();
  if (stream_) stream_->leave();
  wire_->close();
  handler_.reset();
  finish_record(stream_ ? 200 : 0);
  told(*this);
}

void Session::finish_record(unsigned status) {
  if (!std::exchange(recording_, false)) return;
  record_.status = status;
  record_.seconds = Clock::now() - head_.began;
  try {
    if (context_->config.done) context_->config.done(record_);
  } catch (const std::exception& error) {
    context_->log("request " + record_.request_id + " is not recorded: " + error.what());
  }
}

}  // namespace dfpipe::server
