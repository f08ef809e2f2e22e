#pragma once

#include <functional>
#include <mutex>
#include <thread>

namespace dfpipe::cli {

constexpr int exit_interrupted = 130;

/// Takes SIGINT and SIGTERM on a thread of its own. While something listens, they become calls; before and after that
/// they end the process with exit code 130. Must be made before any other thread, so that all of them inherit the
/// blocked signals.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Calls `first`, then `second`, until it is destroyed; a call under way is waited for. A third signal ends the
  /// process.
  class [[nodiscard]] Listening {
   public:
    explicit Listening(Signals& signals) : signals_(signals) {}
    ~Listening();
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

   private:
    Signals& signals_;
  };
  Listening listen(std::function<void()> first, std::function<void()> second);

 private:
  void wait(std::stop_token stop);
  void answer();

  std::mutex mutex_;  ///< guards the calls while they run
  std::function<void()> first_, second_;
  int received_ = 0;
  std::jthread thread_;
};

}  // namespace dfpipe::cli
