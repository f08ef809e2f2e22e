#include "http/event_body.hpp"

#include <stdexcept>

namespace dfpipe::server {

EventStream::Body::Body(std::function<void()> wake, std::function<void()> released)
    : wake_(std::move(wake)), released_(std::move(released)) {}

EventStream::Body::~Body() { leave(); }

void EventStream::Body::shut() {
  if (open_) released_();
  open_ = false;
}

bool EventStream::Body::append(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  if (waiting_.size() + text.size() > most_bytes) {
    overrun_ = true;
    shut();
    waiting_.clear();
    if (wake_) wake_();
    return false;
  }
  const bool first = waiting_.empty();
  waiting_ += text;
  if (first && wake_) wake_();
  return true;
}

void EventStream::Body::finish() {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  shut();
  if (wake_) wake_();
}

bool EventStream::Body::open() {
  const std::lock_guard lock(mutex_);
  return open_;
}

std::string EventStream::Body::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

bool EventStream::Body::ended() {
  const std::lock_guard lock(mutex_);
  return !open_ && waiting_.empty();
}

bool EventStream::Body::overrun() {
  const std::lock_guard lock(mutex_);
  return overrun_;
}

void EventStream::Body::leave() {
  const std::lock_guard lock(mutex_);
  shut();
  waiting_.clear();
  wake_ = nullptr;
}

EventStream::EventStream(std::shared_ptr<Body> body) : body_(std::move(body)) {}

bool EventStream::send(std::string_view event, std::string_view data, std::uint64_t id) const {
  constexpr std::string_view line_ends("\r\n\0", 3);
  if (event.find_first_of(line_ends) != std::string_view::npos ||
      data.find_first_of(line_ends) != std::string_view::npos) {
    throw std::invalid_argument("an event's name and data must be one line each");
  }
  std::string text;
  text.reserve(event.size() + data.size() + 48);
  if (id != 0) text += "id: " + std::to_string(id) + "\n";
  text.append("event: ").append(event).append("\ndata: ").append(data).append("\n\n");
  return body_ && body_->append(text);
}

void EventStream::finish() const {
  if (body_) body_->finish();
}

bool EventStream::open() const { return body_ && body_->open(); }

}  // namespace dfpipe::server
