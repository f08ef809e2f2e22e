#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace dfpipe::metrics {

/// Where 95 % of the resampled values lie.
struct Interval {
  double low = 0;
  double high = 0;
};

struct BootstrapOptions {
  std::size_t replicates = 1000;
  std::uint64_t seed = 0;
};

/// Percentile intervals of several statistics by resampling whole groups with replacement (Efron and Tibshirani, "An
/// Introduction to the Bootstrap", 1993, chapters 8 and 13): pictures of one person or video are no independent
/// evidence. `groups` has each sample's group, numbered from 0; `statistics` gives the values for weights, one weight a
/// sample, the same number of values each time, nothing where one is not defined; such replicates are left out.
///
/// Replicate r draws from a stream of its own, so the result is a function of the seed. Percentiles are linear between
/// the values (numpy's default). Nothing for a statistic with fewer than half the replicates, and with a single group.
std::vector<std::optional<Interval>> bootstrap(
    std::span<const std::size_t> groups, const BootstrapOptions& options,
    const std::function<std::vector<std::optional<double>>(std::span<const std::uint32_t> weights)>& statistics);

}  // namespace dfpipe::metrics
