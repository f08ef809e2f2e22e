#include "api/picture_queue.hpp"

#include <algorithm>
#include <cmath>

namespace dfpipe::server {

PictureQueue::Place::Place(PictureQueue& queue, std::size_t pictures, std::uint64_t bytes)
    : queue_(&queue), pictures_(pictures), bytes_(bytes) {
  ++queue.places_;
  queue.reserved_ += pictures;
  queue.bytes_ += bytes;
}

PictureQueue::Place& PictureQueue::Place::operator=(Place&& other) noexcept {
  std::swap(queue_, other.queue_);
  std::swap(pictures_, other.pictures_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

PictureQueue::Place::~Place() {
  if (!queue_) return;
  {
    const std::lock_guard lock(queue_->mutex_);
    --queue_->places_;
    queue_->reserved_ -= pictures_;
    queue_->bytes_ -= bytes_;
  }
  queue_->changed_.notify_all();
}

bool PictureQueue::Place::widen(std::size_t pictures) {
  const std::lock_guard lock(queue_->mutex_);
  const std::size_t others = queue_->requests_.size() + queue_->reserved_ - pictures_;
  if (others + pictures > queue_->limits_.pictures) return false;
  queue_->reserved_ += pictures - pictures_;
  pictures_ = pictures;
  return true;
}

double PictureQueue::pace() const { return seconds_each_ * static_cast<double>(requests_.size() + reserved_ + live_); }

void PictureQueue::refuse_when_closed() const {
  if (closed_) throw Refusal(503, "draining", "The server is ending", {{"Retry-After", "5"}});
}

PictureQueue::Place PictureQueue::reserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  refuse_when_closed();
  const double wait = pace();
  if (requests_.size() + reserved_ >= limits_.pictures || bytes_ + bytes > limits_.bytes || wait > limits_.wait) {
    const auto seconds = static_cast<int>(std::clamp(std::ceil(wait), 1.0, 60.0));
    throw Refusal(429, "queue_full", "Too many pictures are waiting; try again later",
                  {{"Retry-After", std::to_string(seconds)}});
  }
  return Place(*this, 1, bytes);
}

PictureQueue::Place PictureQueue::reserve_job() {
  const std::lock_guard lock(mutex_);
  refuse_when_closed();
  return Place(*this, 0, 0);
}

void PictureQueue::put([[maybe_unused]] Place place, std::vector<std::shared_ptr<PictureTask>> tasks) {
  {
    const std::lock_guard lock(mutex_);
    if (discarded_) return;
    for (auto& task : tasks) {
      bytes_ += task->size();
      requests_.push_back(std::move(task));
    }
  }
  changed_.notify_all();
}

void PictureQueue::put_job([[maybe_unused]] Place place, std::vector<std::shared_ptr<PictureTask>> tasks) {
  {
    const std::lock_guard lock(mutex_);
    if (discarded_) return;
    for (auto& task : tasks) jobs_.push_back(std::move(task));
  }
  changed_.notify_all();
}

/// The older of the two heads; a job's only while its share is not used up.
std::shared_ptr<PictureTask> PictureQueue::next() {
  const bool job = !jobs_.empty() && job_live_ < limits_.job_share;
  if (requests_.empty() && !job) return nullptr;
  std::shared_ptr<PictureTask> task;
  if (requests_.empty() || (job && jobs_.front()->origin().complete < requests_.front()->origin().complete)) {
    task = std::move(jobs_.front());
    jobs_.pop_front();
  } else {
    task = std::move(requests_.front());
    requests_.pop_front();
    bytes_ -= task->size();
  }
  if (task->abandoned()) return task;
  const bool of_job = task->origin().of_job;
  ++live_;
  if (of_job) ++job_live_;
  task->keep(std::shared_ptr<void>(nullptr, [this, of_job, taken = Clock::now()](void*) { left(of_job, taken); }));
  return task;
}

bool PictureQueue::done() const { return discarded_ || (requests_.empty() && jobs_.empty() && places_ == 0); }

std::shared_ptr<PictureTask> PictureQueue::take(const std::stop_token& stop) {
  for (;;) {
    std::shared_ptr<PictureTask> task;
    {
      std::unique_lock lock(mutex_);
      const auto found = [&] { return (task = next()) != nullptr; };
      if (!changed_.wait(lock, stop, found)) changed_.wait(lock, [&] { return found() || done(); });
    }
    if (!task) return nullptr;
    if (!task->abandoned()) return task;
    // It dies here, outside the lock: its answer is other people's code.
  }
}

void PictureQueue::left(bool of_job, Clock::time_point taken) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    const auto since = [now](Clock::time_point then) { return std::chrono::duration<double>(now - then).count(); };
    // The first one behind an idle time tells of the pace only that it is no slower than the picture itself: or else
    // hard times would be remembered for as long as nobody is let in beside another.
    if (last_left_ != Clock::time_point{})
      seconds_each_ += 0.1 * (since(last_left_) - seconds_each_);
    else
      seconds_each_ = std::min(seconds_each_, since(taken));
    --live_;
    if (of_job) --job_live_;
    last_left_ = live_ + requests_.size() + jobs_.size() > 0 ? now : Clock::time_point{};
  }
  changed_.notify_all();
}

void PictureQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

void PictureQueue::wait_until_closed() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_; });
}

void PictureQueue::discard() {
  std::deque<std::shared_ptr<PictureTask>> requests, jobs;
  {
    const std::lock_guard lock(mutex_);
    closed_ = discarded_ = true;
    requests.swap(requests_);
    jobs.swap(jobs_);
    for (const auto& task : requests) bytes_ -= task->size();
  }
  changed_.notify_all();
}

std::size_t PictureQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return requests_.size() + jobs_.size();
}

}  // namespace dfpipe::server
