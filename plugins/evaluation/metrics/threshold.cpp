#include "threshold.hpp"

namespace dfpipe::metrics {
namespace {

std::size_t point_of(const RocCurve& curve, ThresholdRule rule, double most_false_alarms) {
  if (rule == ThresholdRule::equal_errors) return eer_nearest(curve).index;
  const auto gain = [&](std::size_t i) {
    if (rule == ThresholdRule::balanced_accuracy) return curve.tpr[i] - curve.fpr[i];
    return curve.fpr[i] <= most_false_alarms ? curve.tpr[i] : -1;
  };
  constexpr double rounding = 1e-12;  // 0.8 - 0.4 and 0.6 - 0.2 are equal
  std::size_t best = 0;
  for (std::size_t i = 1; i < curve.fpr.size(); ++i)
    if (gain(i) > gain(best) + rounding) best = i;
  return best;
}

}  // namespace

ChosenThreshold choose_threshold(const RocCurve& curve, ThresholdRule rule, double most_false_alarms) {
  const std::size_t i = point_of(curve, rule, most_false_alarms);
  // The curve's first threshold stands one above the highest score.
  const bool lowest = i + 1 == curve.thresholds.size();
  const double score = lowest ? curve.thresholds[i] : (curve.thresholds[i] + curve.thresholds[i + 1]) / 2;
  return {.score = score, .fpr = curve.fpr[i], .tpr = curve.tpr[i]};
}

}  // namespace dfpipe::metrics
