#include "cli/signals.hpp"

#include <signal.h>

#include <ctime>

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
}

Signals::~Signals() = default;

void Signals::listen(std::function<void()> first, std::function<void()> second) {
  thread_ = std::jthread([first = std::move(first), second = std::move(second)](std::stop_token stop) {
    const sigset_t set = stop_signals();
    const timespec pause{0, 100'000'000};
    for (int received = 0; !stop.stop_requested();) {
      if (sigtimedwait(&set, nullptr, &pause) <= 0) continue;
      ++received;
      if (received == 1) first();
      if (received == 2) {
        second();
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);  // this thread now takes the default action: the end
      }
    }
  });
}

}  // namespace dfpipe::cli
