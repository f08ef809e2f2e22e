#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "api/picture.hpp"

namespace dfpipe::server {

/// Where pictures wait for a place in the pipeline. Requests reserve their place before their body is read, so that a
/// full server refuses them for the price of a head. A server is full as well when a new picture would probably wait
/// longer than `wait` seconds, by the pace of the last ones: so those that are taken are answered in time whatever
/// comes. Jobs have a lane of their own: theirs wait there without a limit but the job's own, and at most `job_share`
/// of them are in the pipeline at once.
class PictureQueue {
 public:
  struct Limits {
    std::size_t pictures = 64;          ///< waiting or being received, jobs' apart
    std::uint64_t bytes = 256'000'000;  ///< of the same
    std::size_t job_share = 8;
    double wait = 10;  ///< seconds, of all that stand before a new picture
  };
  explicit PictureQueue(Limits limits) : limits_(limits) {}

  /// The right to put in one picture or more; given back when it goes. A move-only handle.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)), pictures_(other.pictures_), bytes_(other.bytes_) {}
    Place& operator=(Place&& other) noexcept;
    ~Place();
    /// Room for so many in place of one; false when there is none.
    bool widen(std::size_t pictures);

   private:
    friend class PictureQueue;
    Place(PictureQueue& queue, std::size_t pictures, std::uint64_t bytes);
    PictureQueue* queue_ = nullptr;
    std::size_t pictures_ = 0;
    std::uint64_t bytes_ = 0;
  };

  /// Throws a Refusal, 429 "queue_full" with Retry-After, or 503 "draining".
  Place reserve(std::uint64_t bytes);
  /// The same for a job, whose pictures need no room here: 503 "draining" only.
  Place reserve_job();
  /// Uses up the place: its pictures now wait on their own account.
  void put(Place place, std::vector<std::shared_ptr<PictureTask>> tasks);
  void put_job(Place place, std::vector<std::shared_ptr<PictureTask>> tasks);

  /// The next picture that somebody still waits for; waits until there is one. Abandoned ones are answered on the way.
  /// Null when `stop` is requested and nothing is left: nothing waits, no place is reserved.
  std::shared_ptr<PictureTask> take(const std::stop_token& stop);
  /// No new places: 503.
  void close();
  /// Until then a request may still be let in, and its picture wants to be taken.
  void wait_until_closed();
  /// Answers all that wait, and all that still come, with 503; `take` waits for nothing any more.
  void discard();

  std::size_t waiting() const;
  std::size_t capacity() const noexcept { return limits_.pictures; }

 private:
  void refuse_when_closed() const;
  std::shared_ptr<PictureTask> next();
  bool done() const;
  void left(bool of_job, Clock::time_point taken);
  /// Seconds until all that is here now has left.
  double pace() const;

  Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<PictureTask>> requests_, jobs_;
  std::size_t places_ = 0;               ///< requests and jobs that are being received
  std::size_t reserved_ = 0;             ///< pictures of those requests
  std::uint64_t bytes_ = 0;              ///< of requests: waiting or reserved
  std::size_t live_ = 0, job_live_ = 0;  ///< taken and not yet answered
  bool closed_ = false, discarded_ = false;
  double seconds_each_ = 0;  ///< between two pictures that leave while others wait or work, smoothed
  Clock::time_point last_left_{};
};

}  // namespace dfpipe::server
