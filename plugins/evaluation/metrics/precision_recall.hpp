#pragma once

#include "ranking.hpp"

namespace dfpipe::metrics {

/// Precision and recall of "fake" when everything that scores at least the threshold is called fake, from the lowest
/// threshold up; the last point is precision 1, recall 0, without a threshold. (precision_recall_curve)
struct PrecisionRecallCurve {
  std::vector<double> precision;
  std::vector<double> recall;
  std::vector<double> thresholds;  ///< one fewer
};

/// Without a positive the recall counts as 1 everywhere, as in scikit-learn.
PrecisionRecallCurve precision_recall_curve(const Counts& counts);

/// Sum of (R_n - R_(n-1)) P_n over the distinct scores, no interpolation; 0 without a positive.
/// (average_precision_score)
double average_precision(const Counts& counts);

}  // namespace dfpipe::metrics
