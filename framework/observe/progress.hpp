#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "engine/engine.hpp"
#include "observe/terminal.hpp"

namespace dfpipe::observe {

/// Rate over the last seconds, and from it the time that is left.
class RateMeter {
 public:
  void add(double seconds, std::uint64_t done);
  double per_second() const;

 private:
  struct Sample {
    double seconds;
    std::uint64_t done;
  };
  std::deque<Sample> samples_;
};

/// "1:02:03", "2:03", "0:07"
std::string clock_text(double seconds);
/// One line of at most `width` columns: a bar when the total is known, a count otherwise.
std::string progress_text(const engine::Snapshot& snapshot, double per_second, int width, bool bar);
/// What the nodes tell of themselves, in one line of at most `width` columns: with their names when several do. Empty
/// when none does.
std::string status_text(const engine::Snapshot& snapshot, int width);

/// Shows how a run goes on, and below or behind it what the nodes tell: a bar that redraws itself on a terminal,
/// otherwise a plain line after 5, 10, 20, … and then every 30 seconds.
class Progress {
 public:
  explicit Progress(std::function<engine::Snapshot()> snapshot);
  ~Progress();

 private:
  void show(std::stop_token stop);
  std::function<engine::Snapshot()> snapshot_;
  std::jthread thread_;
};

}  // namespace dfpipe::observe
