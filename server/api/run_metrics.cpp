#include "api/run_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dfpipe::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// The run's buckets end at powers of two: from 1 µs to 69 s. What is shorter is told together.
constexpr std::size_t first_bucket = 9, last_bucket = 35;
constexpr std::int64_t batch_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128};

MetricFamily family(const char* name, const char* help, MetricType type) {
  return {.name = name, .help = help, .type = type, .metric = {}};
}

ClientMetric of_node(const NodeStats& node) {
  ClientMetric metric;
  metric.label = {{"node", node.name}};
  return metric;
}

/// Of very short calls only some are timed; the sum is that of as many calls as are counted.
ClientMetric call_times(const NodeStats& node) {
  ClientMetric metric = of_node(node);
  auto& histogram = metric.histogram;
  for (std::size_t i = 0; i < node.histogram.size(); ++i) {
    histogram.sample_count += node.histogram[i];
    if (i >= first_bucket && i <= last_bucket)
      histogram.bucket.push_back({histogram.sample_count, std::exp2(static_cast<double>(i + 1)) * 1e-9});
  }
  histogram.bucket.push_back({histogram.sample_count, std::numeric_limits<double>::infinity()});
  if (node.calls > 0)
    histogram.sample_sum =
        node.total_seconds * static_cast<double>(histogram.sample_count) / static_cast<double>(node.calls);
  return metric;
}

ClientMetric batch_sizes(const NodeStats& node) {
  ClientMetric metric = of_node(node);
  auto& histogram = metric.histogram;
  for (const std::int64_t bound : batch_bounds) histogram.bucket.push_back({0, static_cast<double>(bound)});
  histogram.bucket.push_back({0, std::numeric_limits<double>::infinity()});
  for (const auto& [size, count] : node.batch_sizes) {
    histogram.sample_count += count;
    histogram.sample_sum += static_cast<double>(size) * static_cast<double>(count);
    for (auto& bucket : histogram.bucket)
      if (static_cast<double>(size) <= bucket.upper_bound) bucket.cumulative_count += count;
  }
  return metric;
}

ClientMetric items(const NodeStats& node, const char* result, std::uint64_t count) {
  ClientMetric metric = of_node(node);
  metric.label.push_back({"result", result});
  metric.counter.value = static_cast<double>(count);
  return metric;
}

}  // namespace

std::vector<MetricFamily> RunMetrics::Collect() const {
  const Snapshot run = site_.run->snapshot();
  auto depth = family("dfpipe_queue_depth", "Pictures that wait for a place in the pipeline", MetricType::Gauge);
  auto times = family("dfpipe_node_seconds", "Seconds a call of a node takes", MetricType::Histogram);
  auto counts = family("dfpipe_node_items_total", "Items by what became of them in a node", MetricType::Counter);
  auto batches = family("dfpipe_batch_size", "Items in a call of a node that takes several", MetricType::Histogram);

  depth.metric.emplace_back().gauge.value = static_cast<double>(site_.queue.waiting());
  for (const NodeStats& node : run.nodes) {
    if (node.is_off || node.is_foreach) continue;
    if (!node.is_source) times.metric.push_back(call_times(node));  // a live source waits in its calls
    counts.metric.push_back(items(node, "ok", node.items - std::min(node.items, node.errors)));
    counts.metric.push_back(items(node, "error", node.errors));
    counts.metric.push_back(items(node, "passed", node.passed));
    if (!node.batch_sizes.empty()) batches.metric.push_back(batch_sizes(node));
  }
  std::vector<MetricFamily> families;
  for (auto* one : {&depth, &times, &counts, &batches})
    if (!one->metric.empty()) families.push_back(std::move(*one));
  return families;
}

}  // namespace dfpipe::server
