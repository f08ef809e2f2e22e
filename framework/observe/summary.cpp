#include "observe/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "registry/lane_name.hpp"

namespace dfpipe::observe {
namespace {

std::string format(const char* pattern, double value) {
  char text[48];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

/// Three significant digits with a unit that fits: "1.23 ms".
std::string duration_text(double seconds) {
  if (seconds <= 0) return "0";
  if (seconds < 1e-3) return format("%.3g us", seconds * 1e6);
  if (seconds < 1) return format("%.3g ms", seconds * 1e3);
  return format(seconds < 100 ? "%.3g s" : "%.0f s", seconds);
}

double mean_batch(const engine::NodeStats& node) {
  return node.calls ? static_cast<double>(node.items) / static_cast<double>(node.calls) : 0;
}

double mean_seconds(const engine::NodeStats& node) {
  return node.calls ? node.total_seconds / static_cast<double>(node.calls) : 0;
}

std::string lane_name(const engine::NodeStats& node) {
  return node.is_source ? "source" : std::string(registry::lane_name(node.lane));
}

using Row = std::vector<std::string>;

/// Left-aligned first column, the others right-aligned.
std::string table_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string gap(widths[c] - row[c].size(), ' ');
      line += c == 0 ? row[c] + gap : "  " + gap + row[c];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

/// Share of the run's time that was spent in the node's calls; more than 1 when several ran at once.
double busy(const engine::NodeStats& node, const engine::Snapshot& run) {
  return run.elapsed.count() > 0 ? node.total_seconds / run.elapsed.count() : 0;
}

std::string node_table(const engine::Snapshot& s) {
  std::vector<Row> rows = {{"node", "lane", "calls", "items", "errors", "total", "mean", "p95", "busy", "batch"}};
  for (const engine::NodeStats& n : s.nodes) {
    if (n.is_foreach || n.is_off) continue;
    rows.push_back({n.name, lane_name(n), std::to_string(n.calls), std::to_string(n.items), std::to_string(n.errors),
                    duration_text(n.total_seconds), duration_text(mean_seconds(n)), duration_text(n.quantile(0.95)),
                    format("%.0f %%", 100 * busy(n, s)), n.batch_sizes.empty() ? "" : format("%.1f", mean_batch(n))});
  }
  return table_text(rows) + "busy: time in calls / time of the run, above 100 % when several ran at once\n";
}

std::string errors_and_counts(const engine::RunResult& result) {
  const engine::Snapshot& s = result.stats;
  const double elapsed = s.elapsed.count();
  std::string text;
  for (const std::string& error : result.first_errors) text += error + "\n";
  if (s.failed > result.first_errors.size() && !result.first_errors.empty()) text += "… and more\n";
  text += std::to_string(s.emitted + s.skipped) + " in = " + std::to_string(s.ok) + " ok + " +
          std::to_string(s.failed) + " failed + " + std::to_string(s.skipped) + " skipped" +
          (s.failed_earlier > 0 ? " (" + std::to_string(s.failed_earlier) + " failed in an earlier run)" : "") + " + " +
          std::to_string(s.stopped) + " stopped, in " + duration_text(elapsed);
  if (elapsed > 0 && s.ok + s.failed > 0) text += format(" (%.3g/s)", static_cast<double>(s.ok + s.failed) / elapsed);
  text += "\n";
  if (!counts_agree(s)) text += "error: the counts do not add up, items were lost\n";
  return text;
}

/// The engine counts per node only once it has begun.
bool has_begun(const engine::RunResult& result) { return !result.stats.nodes.empty(); }

}  // namespace

bool counts_agree(const engine::Snapshot& s) { return s.emitted == s.ok + s.failed + s.stopped && s.live == 0; }

std::string failures_text(const engine::RunResult& result) {
  const bool worth_it =
      has_begun(result) && (result.stats.failed + result.stats.failed_earlier > 0 || !counts_agree(result.stats));
  return worth_it ? errors_and_counts(result) : "";
}

std::string summary_text(const engine::RunResult& result) {
  if (!has_begun(result)) return {};
  std::string text = node_table(result.stats) + "\n" + errors_and_counts(result);
  for (const auto& [name, facts] : result.facts)
    if (const auto output = facts.find("output"); output != facts.end()) text += "results: " + output->second + "\n";
  return text;
}

nlohmann::ordered_json summary_json(const engine::RunResult& result, int exit_code) {
  static constexpr const char* outcomes[] = {"completed", "stopped", "failed"};
  const engine::Snapshot& s = result.stats;
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const engine::NodeStats& n : s.nodes) {
    if (n.is_off) continue;
    nlohmann::ordered_json batches = nlohmann::ordered_json::object();
    for (const auto& [size, count] : n.batch_sizes) batches[std::to_string(size)] = count;
    nodes.push_back({{"name", n.name},
                     {"type", n.type},
                     {"lane", lane_name(n)},
                     {"calls", n.calls},
                     {"items", n.items},
                     {"errors", n.errors},
                     {"passed", n.passed},
                     {"total_seconds", n.total_seconds},
                     {"mean_seconds", mean_seconds(n)},
                     {"p95_seconds", n.quantile(0.95)},
                     {"max_seconds", n.max_seconds},
                     {"busy", busy(n, s)},
                     {"batch_sizes", batches}});
  }
  nlohmann::ordered_json facts = nlohmann::ordered_json::object();
  for (const auto& [name, own] : result.facts) facts[name] = own;
  return {{"exit_code", exit_code},
          {"outcome", outcomes[static_cast<int>(result.outcome)]},
          {"fatal", result.fatal},
          {"elapsed_seconds", s.elapsed.count()},
          {"items",
           {{"in", s.emitted + s.skipped},
            {"ok", s.ok},
            {"failed", s.failed},
            {"skipped", s.skipped},
            {"failed_earlier", s.failed_earlier},
            {"stopped", s.stopped}}},
          {"children", s.children},
          {"peak_live", s.peak_live},
          {"threads", result.threads},
          {"device_threads", result.device_threads},
          {"facts", facts},
          {"nodes", nodes},
          {"first_errors", result.first_errors}};
}

}  // namespace dfpipe::observe
