#include "bootstrap.hpp"

#include <algorithm>
#include <cmath>

#include "dfpipe/random.hpp"

namespace dfpipe::metrics {
namespace {

/// `values` ascending, not empty.
double percentile(const std::vector<double>& values, double share) {
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(at));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace

std::vector<std::optional<Interval>> bootstrap(
    std::span<const std::size_t> groups, const BootstrapOptions& options,
    const std::function<std::vector<std::optional<double>>(std::span<const std::uint32_t> weights)>& statistics) {
  const std::uint64_t key = Random::mix(options.seed, Random::hash("bootstrap"));
  const std::size_t group_count = groups.empty() ? 0 : std::ranges::max(groups) + 1;
  std::vector<std::uint32_t> drawn(group_count), weights(groups.size());
  std::vector<std::vector<double>> values;
  for (std::size_t replicate = 0; group_count > 1 && replicate < options.replicates; ++replicate) {
    Random random(key, replicate);
    std::ranges::fill(drawn, 0);
    for (std::size_t i = 0; i < group_count; ++i) ++drawn[random.below(group_count)];
    for (std::size_t i = 0; i < groups.size(); ++i) weights[i] = drawn[groups[i]];
    const auto now = statistics(weights);
    values.resize(now.size());
    for (std::size_t i = 0; i < now.size(); ++i)
      if (now[i]) values[i].push_back(*now[i]);
  }
  if (values.empty()) {
    std::ranges::fill(weights, 1);
    return std::vector<std::optional<Interval>>(statistics(weights).size());
  }
  std::vector<std::optional<Interval>> out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty() || 2 * values[i].size() < options.replicates) continue;
    std::ranges::sort(values[i]);
    out[i] = Interval{percentile(values[i], 0.025), percentile(values[i], 0.975)};
  }
  return out;
}

}  // namespace dfpipe::metrics
