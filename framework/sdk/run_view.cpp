#include "dfpipe/run_view.hpp"

#include <algorithm>
#include <cmath>

namespace dfpipe {

RunView::~RunView() = default;

double NodeStats::quantile(double q) const {
  std::uint64_t all = 0;
  for (const std::uint64_t n : histogram) all += n;
  if (all == 0) return 0;
  double rank = q * static_cast<double>(all);
  for (std::size_t bucket = 0; bucket < histogram.size(); ++bucket) {
    const auto n = static_cast<double>(histogram[bucket]);
    if (rank > n) {
      rank -= n;
      continue;
    }
    const double low = bucket == 0 ? 0 : std::exp2(static_cast<double>(bucket));
    const double high = std::exp2(static_cast<double>(bucket + 1));
    return std::min(max_seconds, (low + (high - low) * (n > 0 ? rank / n : 0)) * 1e-9);
  }
  return max_seconds;
}

}  // namespace dfpipe
