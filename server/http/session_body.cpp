#include <algorithm>

#include "http/session.hpp"

namespace dfpipe::server {
namespace {

constexpr std::size_t most_read = 64 * 1024;

}  // namespace

Clock::time_point Session::body_due() const {
  const Limits& limits = context_->config.limits;
  // Without a rate the second is no number, and the grace is all there is until the first byte.
  return after(body_began_,
               std::max(limits.body_grace_seconds, static_cast<double>(record_.received) / limits.body_rate));
}

void Session::start_body(bool expects_continue) {
  set_due(std::min(body_due(), deadline_));
  if (expects_continue && body_left_ > 0 && inbox_.empty()) {
    return write("HTTP/1.1 100 Continue\r\n\r\n", {}, nullptr, &Session::read_body);
  }
  read_body();
}

void Session::read_body() {
  if (phase_ != Phase::body) return;
  if (body_left_ == 0) return finish_body();
  if (!inbox_.empty()) return take_body(std::exchange(inbox_, {}));
  read(static_cast<std::size_t>(std::min<std::uint64_t>(most_read, body_left_)));
}

void Session::take_body(std::string_view bytes) {
  const auto piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_)));
  inbox_.insert(0, bytes.substr(piece.size()));
  body_left_ -= piece.size();
  record_.received += piece.size();
  try {
    if (!piece.empty()) handler_->receive(piece);
  } catch (const Refusal& refusal) {
    return refuse(refusal);
  } catch (const std::exception& error) {
    return fail(error.what());
  }
  read_body();
}

void Session::finish_body() {
  if (!enter(Phase::waiting, 0)) return;
  set_due(deadline_);
  // Most answers are given at once: they need no detour over the executor.
  exchange_->hold_wake(true);
  {
    const Reply reply(std::make_shared<Reply::Ticket>(exchange_));
    try {
      handler_->answer(reply);
    } catch (const Refusal& refusal) {
      reply.send(refusal);
    } catch (const std::exception& error) {
      context_->log("request " + head_.request_id + ": " + error.what());
      reply.send(internal_error());
    }
  }
  exchange_->hold_wake(false);
  woken();
  if (phase_ == Phase::waiting) {
    const auto limit = context_->config.limits.header_bytes;
    read(std::min<std::size_t>(4096, limit - std::min(limit, inbox_.size())));
  }
}

void Session::woken() {
  if (phase_ == Phase::streaming) return pump();
  if (phase_ != Phase::waiting) return;
  if (auto stream = exchange_->take_stream()) {
    start_stream(std::move(stream));
  } else if (auto given = exchange_->take()) {
    answer(std::move(*given));
  }
}

}  // namespace dfpipe::server
