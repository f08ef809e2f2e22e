#include "observe/trace.hpp"

#include <cerrno>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace dfpipe::observe {
namespace {

std::atomic<std::uint64_t> next_id{1};

}  // namespace

Trace::Trace(std::filesystem::path file, std::size_t max_slices)
    : file_(std::move(file)), out_(file_), max_slices_(max_slices), id_(next_id++) {
  if (!out_) throw std::runtime_error(file_.string() + ": the trace cannot be written: " + std::strerror(errno));
}
Trace::~Trace() = default;

/// A thread may change its name within a run: a pool's worker that takes another slot gets another track.
Trace::Track& Trace::track_of_this_thread(const std::string& name) {
  struct Mine {
    std::uint64_t trace = 0;
    Track* track = nullptr;
  };
  thread_local Mine mine;
  if (mine.trace == id_ && mine.track->name == name) return *mine.track;
  std::lock_guard lock(mutex_);
  tracks_.push_back(std::make_unique<Track>());
  tracks_.back()->name = name;
  mine = {id_, tracks_.back().get()};
  return *mine.track;
}

void Trace::slice(const std::string& track, const engine::NodeSpec& node, std::chrono::steady_clock::time_point start,
                  std::chrono::steady_clock::time_point end, const ItemKey& key, std::size_t items) {
  Track& mine = track_of_this_thread(track);
  if (count_.fetch_add(1, std::memory_order_relaxed) >= max_slices_) {
    ++mine.dropped;
    return;
  }
  const auto ns = [](auto d) { return std::chrono::nanoseconds(d).count(); };
  mine.slices.push_back({node.name, key.text(), ns(start - zero_), ns(end - start), items});
}

std::uint64_t Trace::dropped() const {
  std::lock_guard lock(mutex_);
  std::uint64_t n = 0;
  for (const auto& track : tracks_) n += track->dropped;
  return n;
}

void Trace::write() {
  std::lock_guard lock(mutex_);
  std::map<std::string, int> numbers;
  for (const auto& track : tracks_) numbers.emplace(track->name, 0);
  int number = 0;
  out_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
  out_ << R"({"ph":"M","pid":1,"name":"process_name","args":{"name":"dfpipe"}})";
  for (auto& [name, tid] : numbers) {
    tid = ++number;
    out_ << ",\n"
         << nlohmann::json{{"ph", "M"}, {"pid", 1}, {"tid", tid}, {"name", "thread_name"}, {"args", {{"name", name}}}};
  }
  for (const auto& track : tracks_)
    for (const Slice& s : track->slices) {
      const nlohmann::json event{{"ph", "X"},
                                 {"pid", 1},
                                 {"tid", numbers.at(track->name)},
                                 {"name", s.node},
                                 {"ts", static_cast<double>(s.start_ns) / 1000},
                                 {"dur", static_cast<double>(s.length_ns) / 1000},
                                 {"args", {{"item", s.key}, {"items", s.items}}}};
      out_ << ",\n" << event;
    }
  out_ << "\n]}\n";
  out_.close();
  if (!out_) throw std::runtime_error(file_.string() + ": the trace could not be written: " + std::strerror(errno));
}

}  // namespace dfpipe::observe
