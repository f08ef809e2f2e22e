#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace dfpipe::server {

/// Calls a function again and again on a thread of its own, first after one period, until the object goes.
class Every {
 public:
  Every(std::chrono::milliseconds period, std::function<void()> call)
      : thread_([period, call = std::move(call)](const std::stop_token& stop) {
          std::mutex mutex;
          std::condition_variable_any stopped;
          std::unique_lock lock(mutex);
          auto due = std::chrono::steady_clock::now() + period;
          while (!stopped.wait_until(lock, stop, due, [&] { return stop.stop_requested(); })) {
            call();
            due += period;
          }
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace dfpipe::server
