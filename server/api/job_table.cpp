#include "api/job_table.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace dfpipe::server {

JobTable::JobTable(Limits limits)
    : limits_(limits), cleaning_(std::chrono::seconds(1), [this] {
        const std::lock_guard lock(mutex_);
        clean();
      }) {}

/// Forgets what is due.
void JobTable::clean() {
  constexpr double longest = 1e9;  // some 30 years: the clock counts nanoseconds in 63 bits
  const std::chrono::duration<double> kept(std::min(limits_.keep_seconds, longest));
  const auto oldest_kept = Clock::now() - std::chrono::duration_cast<Clock::duration>(kept);
  std::erase_if(jobs_, [&](const auto& job) {
    const auto finished = job->finished();
    return finished && *finished < oldest_kept;
  });
  std::uint64_t results = 0;
  for (const auto& job : jobs_)
    if (job->finished()) results += job->result_bytes();
  while (results > limits_.result_bytes) {
    const auto oldest = std::find_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job->finished(); });
    results -= (*oldest)->result_bytes();
    jobs_.erase(oldest);
  }
}

bool JobTable::forget_oldest_finished() {
  const auto oldest = std::min_element(jobs_.begin(), jobs_.end(), [](const auto& a, const auto& b) {
    return a->finished().value_or(Clock::time_point::max()) < b->finished().value_or(Clock::time_point::max());
  });
  if (oldest == jobs_.end() || !(*oldest)->finished()) return false;
  jobs_.erase(oldest);
  return true;
}

JobTable::Held JobTable::reserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  clean();
  const auto refuse = [](const std::string& why) {
    throw Refusal(429, "too_many_jobs", why + "; try again later", {{"Retry-After", "10"}});
  };
  if (picture_bytes_ + bytes > limits_.picture_bytes)
    refuse("The pictures of the running jobs fill the memory for them");
  if (jobs_.size() + receiving_ >= limits_.jobs && !forget_oldest_finished())
    refuse("At most " + std::to_string(limits_.jobs) + " jobs run at once");
  ++receiving_;
  picture_bytes_ += bytes;
  return {nullptr, [self = shared_from_this(), bytes](void*) {
            const std::lock_guard held(self->mutex_);
            --self->receiving_;
            self->picture_bytes_ -= bytes;
          }};
}

JobTable::Held JobTable::hold(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  picture_bytes_ += bytes;
  return {nullptr, [self = shared_from_this(), bytes](void*) {
            const std::lock_guard held(self->mutex_);
            self->picture_bytes_ -= bytes;
          }};
}

std::shared_ptr<Job> JobTable::add(std::size_t pictures) {
  auto job = std::make_shared<Job>(random_id(), pictures);
  const std::lock_guard lock(mutex_);
  jobs_.push_back(job);
  return job;
}

std::shared_ptr<Job> JobTable::find(std::string_view id) {
  const std::lock_guard lock(mutex_);
  clean();
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job->id() == id; });
  return found == jobs_.end() ? nullptr : *found;
}

bool JobTable::forget(std::string_view id) {
  const auto job = find(id);
  if (!job) return false;
  {
    const std::lock_guard lock(mutex_);
    std::erase(jobs_, job);
  }
  job->cancel();
  return true;
}

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::system_error(errno, std::generic_category(), "no random numbers from the system");
  std::string id;
  for (const unsigned char byte : bytes) {
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

}  // namespace dfpipe::server
