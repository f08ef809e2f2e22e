#include "api/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "http/rfc3339.hpp"

namespace dfpipe::server {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::seconds;

constexpr seconds rate_window{5}, latency_window{60};
constexpr std::size_t most_pictures = 100'000;  // of the last minute; the oldest are left out beyond

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

/// The smallest value that at least this share of them does not exceed; 0 of none. Sorted.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

Json mean_batch(const NodeStats& node) {
  double calls = 0, items = 0;
  for (const auto& [size, count] : node.batch_sizes) {
    calls += static_cast<double>(count);
    items += static_cast<double>(size) * static_cast<double>(count);
  }
  return calls > 0 ? Json(rounded(items / calls)) : Json(nullptr);
}

std::uint64_t finished(const Snapshot& run) { return run.ok + run.failed; }

}  // namespace

Statistics::Statistics(Clock::time_point start) { samples_.push_back({start}); }

void Statistics::picture(Clock::time_point now, double taken) {
  const std::lock_guard lock(mutex_);
  pictures_.push_back({now, taken});
  while (pictures_.size() > most_pictures || pictures_.front().time < now - latency_window) pictures_.pop_front();
}

void Statistics::sample(Clock::time_point now, const Snapshot& run) {
  Sample taken{now, finished(run)};
  for (const NodeStats& node : run.nodes) taken.items.push_back(node.items);
  const std::lock_guard lock(mutex_);
  samples_.push_back(std::move(taken));
  while (samples_.size() > 1 && samples_[1].time <= now - rate_window) samples_.pop_front();
}

const Statistics::Sample& Statistics::reference(Clock::time_point now) const {
  const auto newer =
      std::find_if(samples_.begin(), samples_.end(), [&](const Sample& one) { return one.time > now - rate_window; });
  return newer == samples_.begin() ? samples_.front() : *std::prev(newer);
}

std::vector<double> Statistics::last_minute(Clock::time_point now) const {
  std::vector<double> taken;
  for (const Picture& one : pictures_)
    if (one.time >= now - latency_window) taken.push_back(one.seconds);
  std::sort(taken.begin(), taken.end());
  return taken;
}

std::string Statistics::json(Clock::time_point now, const Snapshot& run, const Queue& queue) const {
  const std::lock_guard lock(mutex_);
  const Sample& before = reference(now);
  const double window = std::max(1.0, std::chrono::duration<double>(now - before.time).count());
  const auto rate = [&](std::uint64_t count, std::uint64_t earlier) {
    return rounded(static_cast<double>(count - std::min(count, earlier)) / window);
  };
  const std::vector<double> taken = last_minute(now);

  Json nodes = Json::array();
  for (std::size_t i = 0; i < run.nodes.size(); ++i) {
    const NodeStats& node = run.nodes[i];
    nodes.push_back({{"id", i},
                     {"name", node.name},
                     {"rate", rate(node.items, i < before.items.size() ? before.items[i] : 0)},
                     {"queue", node.queued},
                     {"running", node.running},
                     {"p95", node.is_source ? 0 : rounded(node.quantile(0.95))},  // a live source waits in its calls
                     {"calls", node.calls},
                     {"items", node.items},
                     {"errors", node.errors},
                     {"batch", mean_batch(node)}});
  }
  return Json{{"time", rfc3339(std::chrono::system_clock::now())},
              {"uptime", rounded(run.elapsed.count())},
              {"pictures_per_second", rate(finished(run), before.pictures)},
              {"live", run.live},
              {"queue", queue.waiting},
              {"queue_capacity", queue.capacity},
              {"ok", run.ok},
              {"failed", run.failed},
              {"stopped", run.stopped},
              {"p50", rounded(quantile(taken, 0.5))},
              {"p95", rounded(quantile(taken, 0.95))},
              {"nodes", std::move(nodes)}}
      .dump();
}

}  // namespace dfpipe::server
