#include <algorithm>
#include <array>
#include <cstdio>

#include "http/answer_head.hpp"
#include "http/session.hpp"

namespace dfpipe::server {
namespace {

constexpr double heartbeat_seconds = 15;

}  // namespace

void Session::refuse(const Refusal& refusal) { answer({error_response(refusal, head_.request_id), refusal.code()}); }

void Session::fail(const std::string& message) {
  context_->log("request " + head_.request_id + ": " + message);
  refuse(internal_error());
}

void Session::answer(Answer given) {
  if (exchange_) exchange_->detach();
  handler_.reset();
  // What is left of the body would be taken for the next request.
  close_ = close_ || body_left_ > 0 || context_->draining;
  if (!enter(Phase::writing, context_->config.limits.write_seconds)) return;
  record_.status = given.response.status;
  record_.code = std::move(given.code);

  std::string head = answer_head(given.response, cors_, head_.request_id, {http_1_0_, close_, false});
  if (head_.method == "HEAD" || bodiless(given.response.status)) {
    given.response.body.clear();
    given.response.shared_body = nullptr;
  }
  write(std::move(head), std::move(given.response.body), std::move(given.response.shared_body), &Session::answered);
}

void Session::answered() {
  finish_record(record_.status);
  if (close_) {
    linger();
  } else {
    next();
  }
}

void Session::write(std::string head, std::string body, std::shared_ptr<const std::string> shared,
                    void (Session::*then)()) {
  out_head_ = std::move(head);
  out_body_ = std::move(body);
  out_shared_ = std::move(shared);
  out_sent_ = 0;
  out_then_ = then;
  write_more();
}

void Session::write_more() {
  const std::string_view head = std::string_view(out_head_).substr(std::min(out_sent_, out_head_.size()));
  const std::string_view body = out_shared_ ? std::string_view(*out_shared_) : std::string_view(out_body_);
  const std::size_t body_sent = out_sent_ - std::min(out_sent_, out_head_.size());
  writing_ = true;
  wire_->write_some(head, body.substr(body_sent), [self = shared_from_this()](bool worked, std::size_t bytes) {
    self->writing_ = false;
    if (self->phase_ == Phase::closed) return;
    try {
      self->written(worked, bytes);
    } catch (const std::exception& error) {
      self->context_->log(std::string("a connection is given up: ") + error.what());
      self->shut();
    }
  });
}

void Session::written(bool worked, std::size_t bytes) {
  if (!worked) return shut();
  const std::size_t all = out_head_.size() + (out_shared_ ? out_shared_->size() : out_body_.size());
  const auto body_sent = [this] { return out_sent_ - std::min(out_sent_, out_head_.size()); };
  const std::size_t before = body_sent();
  out_sent_ += bytes;
  record_.sent += body_sent() - before;
  if (phase_ == Phase::writing || phase_ == Phase::streaming) set_due(context_->config.limits.write_seconds);
  if (out_sent_ < all) return write_more();
  out_head_.clear();
  out_body_.clear();
  out_shared_ = nullptr;
  (this->*out_then_)();
}

void Session::start_stream(std::shared_ptr<EventStream::Body> stream) {
  stream_ = std::move(stream);
  handler_.reset();
  close_ = true;
  if (!enter(Phase::streaming, context_->config.limits.write_seconds)) return;
  record_.status = 200;
  const Response response{200, "text/event-stream", {}, {{"X-Accel-Buffering", "no"}}};
  std::string head = answer_head(response, cors_, head_.request_id, {http_1_0_, true, true});
  if (head_.method == "HEAD") {
    stream_->leave();
    return write(std::move(head), {}, nullptr, &Session::end_stream);
  }
  write(std::move(head), {}, nullptr, &Session::pump);
  const auto limit = context_->config.limits.header_bytes;
  read(std::min<std::size_t>(4096, limit - std::min(limit, inbox_.size())));
}

/// A chunk, for HTTP/1.1; an empty one ends the stream.
std::string Session::framed(std::string_view events) const {
  if (http_1_0_) return std::string(events);
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", events.size());
  return size.data() + std::string(events) + "\r\n";
}

void Session::pump() {
  if (writing_) return;
  if (stream_->overrun()) return shut();
  const std::string events = stream_->take();
  if (!events.empty()) return write({}, framed(events), nullptr, &Session::pump);
  if (!stream_->ended()) return set_due(heartbeat_seconds);
  write({}, framed({}), nullptr, &Session::end_stream);
}

void Session::heartbeat() { write({}, framed(":\n\n"), nullptr, &Session::pump); }

void Session::end_stream() {
  stream_->leave();
  exchange_->detach();
  stream_ = nullptr;
  finish_record(200);
  linger();
}

}  // namespace dfpipe::server
