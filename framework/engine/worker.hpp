#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace dfpipe::engine {

/// A counter with one writer at a time and any number of readers: no locked instruction on the way.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    v_.store(v_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void raise_to(std::uint64_t n) noexcept {
    if (n > v_.load(std::memory_order_relaxed)) v_.store(n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return v_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> v_{0};
};

/// What one thread counts for one node.
struct NodeCounters {
  Counter submitted;  ///< items handed to the node's queue
  Counter taken;      ///< items taken out of it
  Counter calls, items, errors, passed;
  Counter total_ns, max_ns;
  std::array<Counter, 48> histogram;
  std::uint32_t since_timed = 0;  ///< owner thread only
  std::uint32_t usual_ns = 0;     ///< owner thread only: moving mean of timed calls
};

/// A thread that runs nodes, or makes items. Owned by the run; only its own thread writes.
struct Worker {
  Worker(std::string track_name, std::size_t nodes) : track(std::move(track_name)), counters(nodes) {}
  std::string track;
  std::vector<NodeCounters> counters;
  std::atomic<int> current_node{-1};
  std::atomic<std::uint64_t> current_root{0};
  Counter progress;  ///< anything that counts as movement
};

}  // namespace dfpipe::engine
