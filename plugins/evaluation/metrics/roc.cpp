#include "roc.hpp"

#include <algorithm>
#include <cmath>

namespace dfpipe::metrics {

std::optional<RocCurve> roc_curve(const Counts& counts) {
  const double positives = counts.positives(), negatives = counts.negatives();
  if (positives == 0 || negatives == 0) return std::nullopt;
  RocCurve curve{.fpr = {0}, .tpr = {0}, .thresholds = {counts.thresholds.front() + 1}};
  for (std::size_t i = 0; i < counts.thresholds.size(); ++i) {
    curve.fpr.push_back(counts.false_positives[i] / negatives);
    curve.tpr.push_back(counts.true_positives[i] / positives);
    curve.thresholds.push_back(counts.thresholds[i]);
  }
  return curve;
}

Counts thinned(const Counts& counts) {
  const std::size_t n = counts.thresholds.size();
  const auto bends = [&](const std::vector<double>& y, std::size_t i) { return y[i + 1] - 2 * y[i] + y[i - 1] != 0; };
  Counts out;
  for (std::size_t i = 0; i < n; ++i) {
    const bool end = i == 0 || i + 1 == n;
    if (!end && !bends(counts.true_positives, i) && !bends(counts.false_positives, i)) continue;
    out.thresholds.push_back(counts.thresholds[i]);
    out.true_positives.push_back(counts.true_positives[i]);
    out.false_positives.push_back(counts.false_positives[i]);
  }
  return out;
}

double area(const RocCurve& curve) {
  double sum = 0;
  for (std::size_t i = 1; i < curve.fpr.size(); ++i)
    sum += (curve.fpr[i] - curve.fpr[i - 1]) * (curve.tpr[i] + curve.tpr[i - 1]) / 2;
  return sum;
}

EqualErrorRate eer_nearest(const RocCurve& curve) {
  // Near ties are decided by rounding, so this is the expression of the reference, in its order.
  const auto gap = [&](std::size_t i) { return std::abs((1 - curve.tpr[i]) - curve.fpr[i]); };
  std::size_t best = 0;
  for (std::size_t i = 1; i < curve.fpr.size(); ++i)
    if (gap(i) < gap(best)) best = i;
  return {(curve.fpr[best] + (1 - curve.tpr[best])) / 2, curve.thresholds[best], best};
}

double eer_interpolated(const RocCurve& curve) {
  const auto above = [&](std::size_t i) { return 1 - curve.fpr[i] - curve.tpr[i]; };  // falls from 1 to -1
  std::size_t i = 1;
  while (i + 1 < curve.fpr.size() && above(i) > 0) ++i;
  const double before = above(i - 1), after = above(i);
  return curve.fpr[i - 1] + before / (before - after) * (curve.fpr[i] - curve.fpr[i - 1]);
}

double tpr_at_fpr(const RocCurve& curve, double fpr) {
  const auto next = std::ranges::upper_bound(curve.fpr, fpr);
  if (next == curve.fpr.begin()) return curve.tpr.front();
  if (next == curve.fpr.end()) return curve.tpr.back();
  const auto i = static_cast<std::size_t>(next - curve.fpr.begin());
  const double share = (fpr - curve.fpr[i - 1]) / (curve.fpr[i] - curve.fpr[i - 1]);
  return curve.tpr[i - 1] + share * (curve.tpr[i] - curve.tpr[i - 1]);
}

}  // namespace dfpipe::metrics
