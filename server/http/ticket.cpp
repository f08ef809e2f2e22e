#include "http/ticket.hpp"

#include <utility>

namespace dfpipe::server {

Refusal internal_error() { return {500, "internal", "something went wrong inside"}; }

Exchange::Exchange(std::string request_id, std::shared_ptr<Shared> shared, std::function<void()> wake)
    : request_id_(std::move(request_id)),
      shared_(std::move(shared)),
      wake_(std::move(wake)),
      in_flight_(shared_->in_flight) {}

bool Exchange::claim() {
  if (claimed_) return false;
  claimed_ = true;
  in_flight_.release();
  return true;
}

bool Exchange::give(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (!claim()) return false;
  answer_ = std::move(answer);
  if (wake_ && !held_) wake_();
  return true;
}

std::shared_ptr<EventStream::Body> Exchange::give_stream() {
  const std::lock_guard lock(mutex_);
  if (!claim()) return nullptr;
  if (++shared_->streams > shared_->max_streams) {
    --shared_->streams;
    const Refusal refusal(429, "too_many_streams", "too many event streams are open", {{"Retry-After", "5"}});
    answer_ = Answer{error_response(refusal, request_id_), refusal.code()};
  } else {
    stream_ = std::make_shared<EventStream::Body>(wake_, [shared = shared_] { --shared->streams; });
  }
  if (wake_ && !held_) wake_();
  return stream_;
}

std::optional<Answer> Exchange::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answer_, std::nullopt);
}

std::shared_ptr<EventStream::Body> Exchange::take_stream() {
  const std::lock_guard lock(mutex_);
  return std::exchange(stream_, nullptr);
}

void Exchange::abandon() {
  const std::lock_guard lock(mutex_);
  claim();
  abandoned_ = true;
  wake_ = nullptr;
  if (stream_) stream_->leave();
}

bool Exchange::expire() {
  const std::lock_guard lock(mutex_);
  if (!claim()) return false;
  abandoned_ = true;
  wake_ = nullptr;
  return true;
}

void Exchange::detach() {
  const std::lock_guard lock(mutex_);
  claim();
  wake_ = nullptr;
}

void Exchange::hold_wake(bool hold) {
  const std::lock_guard lock(mutex_);
  held_ = hold;
}

Reply::Ticket::Ticket(std::shared_ptr<Exchange> of)
    : exchange(std::move(of)), abandoned(exchange, &exchange->abandoned()) {}

Reply::Ticket::~Ticket() {
  const Refusal refusal(500, "unanswered", "the request was given up without an answer");
  exchange->give({error_response(refusal, exchange->request_id()), refusal.code()});
}

Reply::Reply(std::shared_ptr<Ticket> ticket) : ticket_(std::move(ticket)) {}

bool Reply::send(Response response) const { return ticket_->exchange->give({std::move(response), {}}); }

bool Reply::send(const Refusal& refusal) const {
  return ticket_->exchange->give({error_response(refusal, request_id()), refusal.code()});
}

EventStream Reply::stream() const { return EventStream(ticket_->exchange->give_stream()); }

const std::shared_ptr<const std::atomic<bool>>& Reply::abandoned() const { return ticket_->abandoned; }

const std::string& Reply::request_id() const { return ticket_->exchange->request_id(); }

}  // namespace dfpipe::server
