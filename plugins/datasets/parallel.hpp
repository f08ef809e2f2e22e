#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace dfpipe::datasets {

/// Calls `work(i)` for 0 <= i < count on `threads` threads, and `tell(done)` on the calling thread's behalf now and
/// then, one call at a time. Ends early when `stop` is requested; the first exception is thrown again at the end.
inline void for_each_index(std::size_t count, int threads, const std::stop_token& stop,
                           const std::function<void(std::size_t)>& work, const std::function<void(std::size_t)>& tell) {
  std::atomic<std::size_t> next{0}, done{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto loop = [&] {
    try {
      for (std::size_t i; !stop.stop_requested() && (i = next++) < count;) {
        work(i);
        const std::size_t so_far = ++done;
        if (so_far % 64 != 0) continue;
        const std::lock_guard lock(mutex);
        tell(so_far);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int i = 1; i < threads; ++i) pool.emplace_back(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dfpipe::datasets
