#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/picture.hpp"
#include "http/exchange.hpp"

namespace dfpipe::server {

/// Pictures that were handed in together, and what became of each. All functions for any thread.
class Job : public std::enable_shared_from_this<Job> {
 public:
  Job(std::string id, std::size_t total);

  const std::string& id() const noexcept { return id_; }
  /// Becomes true with `cancel`: the flag of the job's pictures.
  std::shared_ptr<const std::atomic<bool>> cancelled() const noexcept { return cancelled_; }
  /// Before the first of them is put into the queue.
  void set_tasks(const std::vector<std::shared_ptr<PictureTask>>& tasks);

  /// How picture `index` ended; called once for each.
  void put(std::size_t index, const PictureAnswer& answer);
  /// What has not been judged ends as a PictureError, code "cancelled".
  void cancel();

  /// Sends the results behind the first `after`, and each that comes, as /v1/jobs/{id}/events describes it. A slow
  /// client gets them as fast as it takes them.
  void follow(EventStream stream, std::size_t after);

  std::string json() const;               ///< `Job` of openapi.yaml
  std::string json_with_results() const;  ///< `JobWithResults`
  std::size_t done() const;
  /// When the last picture ended; nothing while one is missing.
  std::optional<Clock::time_point> finished() const;
  std::uint64_t result_bytes() const;  ///< kept for the results

 private:
  struct Entry {
    std::string json;    ///< `JobEntry`
    std::size_t failed;  ///< so far
  };
  struct Follower {
    EventStream stream;
    std::size_t step;  ///< next: result k is step 2k, its progress 2k + 1, the end behind them all
  };

  void pump();
  bool send_to(Follower& follower) const;
  bool ended() const { return entries_.size() == total_; }
  std::string fields(std::size_t done, std::size_t failed) const;

  const std::string id_;
  const std::size_t total_;
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  mutable std::mutex mutex_;
  std::vector<std::weak_ptr<PictureTask>> tasks_;
  std::vector<Entry> entries_;
  std::vector<Follower> followers_;
  std::uint64_t result_bytes_ = 0;
  std::optional<Clock::time_point> finished_;
};

}  // namespace dfpipe::server
