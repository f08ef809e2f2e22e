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
  if (waiting_.size() >= most_bytes) {  // one event may be larger
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

std::size_t EventStream::Body::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void EventStream::Body::on_room(std::function<void()> room) {
  const std::lock_guard lock(mutex_);
  if (open_) room_ = std::move(room);
}

std::string EventStream::Body::take() {
  std::string taken;
  std::function<void()> room;
  {
    const std::lock_guard lock(mutex_);
    taken = std::exchange(waiting_, {});
    if (!taken.empty() && open_) room = room_;
  }
  if (room) room();  // outside the lock: it sends more
  return taken;
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
  std::function<void()> wake, room;  // what they hold may die with them: other people's code, outside the lock
  const std::lock_guard lock(mutex_);
  shut();
  waiting_.clear();
  wake.swap(wake_);
  room.swap(room_);
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

std::size_t EventStream::waiting() const { return body_ ? body_->waiting() : 0; }

void EventStream::on_room(std::function<void()> room) const {
  if (body_) body_->on_room(std::move(room));
}

bool EventStream::open() const { return body_ && body_->open(); }

}  // namespace dfpipe::server
