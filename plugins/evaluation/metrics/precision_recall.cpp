#include "precision_recall.hpp"

namespace dfpipe::metrics {

PrecisionRecallCurve precision_recall_curve(const Counts& counts) {
  PrecisionRecallCurve curve;
  for (std::size_t i = counts.thresholds.size(); i-- > 0;) {
    const double called = counts.true_positives[i] + counts.false_positives[i];
    curve.precision.push_back(called > 0 ? counts.true_positives[i] / called : 0);
    curve.recall.push_back(counts.positives() > 0 ? counts.true_positives[i] / counts.positives() : 1);
    curve.thresholds.push_back(counts.thresholds[i]);
  }
  curve.precision.push_back(1);
  curve.recall.push_back(0);
  return curve;
}

double average_precision(const Counts& counts) {
  if (counts.positives() == 0) return 0;
  double sum = 0, before = 0;
  for (std::size_t i = 0; i < counts.thresholds.size(); ++i) {
    const double found = counts.true_positives[i], called = found + counts.false_positives[i];
    if (called > 0) sum += (found - before) / counts.positives() * (found / called);
    before = found;
  }
  return sum;
}

}  // namespace dfpipe::metrics
