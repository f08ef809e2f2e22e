#include "api/job.hpp"

#include <algorithm>
#include <utility>

namespace dfpipe::server {
namespace {

constexpr std::size_t sent_ahead = 256 << 10;  // bytes that may wait for a client before it gets more

}  // namespace

Job::Job(std::string id, std::size_t total) : id_(std::move(id)), total_(total) {}

void Job::set_tasks(const std::vector<std::shared_ptr<PictureTask>>& tasks) {
  const std::lock_guard lock(mutex_);
  tasks_.assign(tasks.begin(), tasks.end());
}

void Job::put(std::size_t index, const PictureAnswer& answer) {
  const std::lock_guard lock(mutex_);
  const std::size_t failed = (entries_.empty() ? 0 : entries_.back().failed) + (answer.code.empty() ? 0 : 1);
  std::string json = "{\"index\":" + std::to_string(index) + ",\"result\":" + answer.json + "}";
  result_bytes_ += json.size();
  entries_.push_back({std::move(json), failed});
  if (ended()) finished_ = Clock::now();
  pump();
}

void Job::cancel() {
  std::vector<std::weak_ptr<PictureTask>> tasks;
  {
    const std::lock_guard lock(mutex_);
    if (ended()) return;
    *cancelled_ = true;
    tasks.swap(tasks_);
  }
  // One that cannot be had any more is answered already or just now, by its end.
  for (const auto& weak : tasks)
    if (const auto task = weak.lock()) task->fail(410, "cancelled", "The job was cancelled");
}

void Job::follow(EventStream stream, std::size_t after) {
  // A job that is forgotten meanwhile lives on until its last follower has all of it, or has left.
  stream.on_room([job = shared_from_this()] {
    const std::lock_guard lock(job->mutex_);
    job->pump();
  });
  const std::lock_guard lock(mutex_);
  followers_.push_back({std::move(stream), 2 * after});
  pump();
}

void Job::pump() {
  std::erase_if(followers_, [this](Follower& one) { return !send_to(one); });
}

/// False when the stream has ended.
bool Job::send_to(Follower& follower) const {
  const EventStream& stream = follower.stream;
  const std::size_t steps = 2 * entries_.size() + (ended() ? 1 : 0);
  for (; follower.step < steps; ++follower.step) {
    if (stream.waiting() >= sent_ahead) return stream.open();
    const std::size_t number = follower.step / 2 + 1;
    if (number > entries_.size()) {
      stream.send("end", "{" + fields(total_, entries_.back().failed) + "}");
      stream.finish();
      return false;
    }
    const Entry& entry = entries_[number - 1];
    const bool sent = follower.step % 2 == 0 ? stream.send("result", entry.json, number)
                                             : stream.send("progress", "{" + fields(number, entry.failed) + "}");
    if (!sent) return false;
  }
  return stream.open();
}

/// `Job`, without its braces, as it was when so many pictures were done.
std::string Job::fields(std::size_t done, std::size_t failed) const {
  const char* const state = *cancelled_ ? "cancelled" : done == total_ ? "done" : "running";
  return "\"id\":\"" + id_ + "\",\"state\":\"" + state + "\",\"total\":" + std::to_string(total_) +
         ",\"done\":" + std::to_string(done) + ",\"failed\":" + std::to_string(failed);
}

std::string Job::json() const {
  const std::lock_guard lock(mutex_);
  return "{" + fields(entries_.size(), entries_.empty() ? 0 : entries_.back().failed) + "}";
}

std::string Job::json_with_results() const {
  const std::lock_guard lock(mutex_);
  std::string json = "{" + fields(entries_.size(), entries_.empty() ? 0 : entries_.back().failed) + ",\"results\":[";
  json.reserve(json.size() + result_bytes_ + entries_.size() + 2);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (i > 0) json += ',';
    json += entries_[i].json;
  }
  return json + "]}";
}

std::size_t Job::done() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::optional<Clock::time_point> Job::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

std::uint64_t Job::result_bytes() const {
  const std::lock_guard lock(mutex_);
  return result_bytes_;
}

}  // namespace dfpipe::server
