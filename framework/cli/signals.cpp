#include "cli/signals.hpp"

#include <signal.h>

#include <cstdlib>
#include <utility>

namespace dfpipe::cli {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([this](std::stop_token stop) { wait(std::move(stop)); });
}

Signals::~Signals() = default;

Signals::Listening Signals::listen(std::function<void()> first, std::function<void()> second) {
  const std::lock_guard lock(mutex_);
  first_ = std::move(first);
  second_ = std::move(second);
  return Listening(*this);
}

Signals::Listening::~Listening() {
  const std::lock_guard lock(signals_.mutex_);
  signals_.first_ = signals_.second_ = nullptr;
}

void Signals::wait(std::stop_token stop) {
  const sigset_t set = stop_signals();
  // The end of the object is one more signal, sent to this thread alone.
  const std::stop_callback wake(stop, [self = pthread_self()] { pthread_kill(self, SIGTERM); });
  for (;;) {
    int number = 0;
    if (sigwait(&set, &number) != 0) continue;
    if (stop.stop_requested()) return;
    answer();
  }
}

void Signals::answer() {
  const std::lock_guard lock(mutex_);
  ++received_;
  if (!first_ || received_ > 2) std::_Exit(exit_interrupted);
  (received_ == 1 ? first_ : second_)();
}

}  // namespace dfpipe::cli
