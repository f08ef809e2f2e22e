#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "api/site.hpp"

namespace dfpipe::server {

/// Rates and waiting times of a run while it lasts, from what it tells now and what it told a few seconds ago. All
/// functions for any thread.
class Statistics {
 public:
  /// What stands beside the run's own numbers.
  struct Queue {
    std::size_t waiting = 0, capacity = 0;
  };

  explicit Statistics(Clock::time_point start);

  /// A picture was answered, so many seconds after its arrival.
  void picture(Clock::time_point now, double seconds);
  /// To be called about once a second: rates are told against the last of these that is at least five seconds old.
  void sample(Clock::time_point now, const Snapshot& run);
  /// `Stats` of openapi.yaml.
  std::string json(Clock::time_point now, const Snapshot& run, const Queue& queue) const;

 private:
  struct Sample {
    Clock::time_point time;
    std::uint64_t pictures = 0;
    std::vector<std::uint64_t> items = {};  ///< of each node
  };
  struct Picture {
    Clock::time_point time;
    double seconds;
  };

  const Sample& reference(Clock::time_point now) const;
  std::vector<double> last_minute(Clock::time_point now) const;

  mutable std::mutex mutex_;
  std::deque<Sample> samples_;
  std::deque<Picture> pictures_;
};

}  // namespace dfpipe::server
