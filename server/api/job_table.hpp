#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "api/every.hpp"
#include "api/job.hpp"

namespace dfpipe::server {

/// The jobs that can be asked for. A finished one is forgotten after a while, or earlier when its place or its memory
/// is needed. All functions for any thread.
class JobTable : public std::enable_shared_from_this<JobTable> {
 public:
  struct Limits {
    std::size_t jobs = 16;  ///< kept at once, those that are being received included
    std::uint64_t picture_bytes =
        500'000'000;  ///< of all jobs' pictures that have not been judged, or are being received
    std::uint64_t result_bytes = 500'000'000;  ///< of all finished jobs' results
    double keep_seconds = 600;                 ///< a finished job, from its last picture on
  };
  explicit JobTable(Limits limits);

  /// Counted against the limits until its last copy goes.
  using Held = std::shared_ptr<void>;
  /// The right to hand in a job of so many bytes. The oldest finished job makes room where that helps. Throws a
  /// Refusal, 429 "too_many_jobs" with Retry-After.
  Held reserve(std::uint64_t bytes);
  /// For a picture of a job.
  Held hold(std::uint64_t bytes);

  std::shared_ptr<Job> add(std::size_t pictures);
  /// Null when there is none of that name, or none any more.
  std::shared_ptr<Job> find(std::string_view id);
  /// Cancels it as well. False when there is none.
  bool forget(std::string_view id);

 private:
  void clean();
  bool forget_oldest_finished();

  const Limits limits_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Job>> jobs_;  ///< in the order of their beginning
  std::size_t receiving_ = 0;
  std::uint64_t picture_bytes_ = 0;
  Every cleaning_;
};

/// 128 bits from the operating system's random generator, as 32 hex digits: who does not know a job's name cannot guess
/// it.
std::string random_id();

}  // namespace dfpipe::server
