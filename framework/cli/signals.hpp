#pragma once

#include <functional>
#include <thread>

namespace dfpipe::cli {

/// Turns SIGINT and SIGTERM into calls on a thread of its own: `first`, then `second`; a third kills the process. Must
/// be made before any other thread, so that all of them inherit the blocked signals.
class Signals {
 public:
  Signals();
  ~Signals();
  /// Starts answering.
  void listen(std::function<void()> first, std::function<void()> second);

 private:
  std::jthread thread_;
};

}  // namespace dfpipe::cli
