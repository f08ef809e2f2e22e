#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace dfpipe::observe {

/// Collects node calls for Chrome's trace viewer and Perfetto: one track a thread, one slice a call. Each thread writes
/// into a buffer of its own; past `max_slices` in all, slices are counted and dropped.
class Trace final : public engine::Tracer {
 public:
  /// Opens the file at once, so that an hour's run is not the way to learn that it cannot be written. Throws
  /// std::runtime_error with path and reason.
  explicit Trace(std::filesystem::path file, std::size_t max_slices = 4'000'000);
  ~Trace() override;
  void slice(const std::string& track, const engine::NodeSpec& node, std::chrono::steady_clock::time_point start,
             std::chrono::steady_clock::time_point end, const ItemKey& key, std::size_t items) override;
  /// Writes the trace-event JSON, once. Throws std::runtime_error with path and reason.
  void write();
  std::uint64_t dropped() const;

 private:
  struct Slice {
    std::string node;
    std::string key;
    std::int64_t start_ns, length_ns;
    std::size_t items;
  };
  struct Track {
    std::string name;
    std::vector<Slice> slices;
    std::uint64_t dropped = 0;
  };
  Track& track_of_this_thread(const std::string& name);

  const std::filesystem::path file_;
  std::ofstream out_;
  const std::chrono::steady_clock::time_point zero_ = std::chrono::steady_clock::now();
  const std::size_t max_slices_;
  const std::uint64_t id_;
  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Track>> tracks_;
};

}  // namespace dfpipe::observe
