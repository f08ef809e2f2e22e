#pragma once

#include <optional>

#include "ranking.hpp"

namespace dfpipe::metrics {

/// Rates of false and true positives when everything that scores at least the threshold is called fake. The first
/// point is (0, 0), at the highest score plus 1.
struct RocCurve {
  std::vector<double> fpr;
  std::vector<double> tpr;
  std::vector<double> thresholds;
};

/// roc_curve with drop_intermediate=False. Nothing when a class is missing.
std::optional<RocCurve> roc_curve(const Counts& counts);

/// The counts that roc_curve keeps by default: the ends, and where the curve bends. The same area, but other points to
/// look for an equal error rate at.
Counts thinned(const Counts& counts);

/// Area under the curve by the trapezoid rule: ties count one half. (roc_auc_score)
double area(const RocCurve& curve);

/// Where as many genuine pictures are called fake as fakes genuine.
struct EqualErrorRate {
  double rate = 0;
  double threshold = 0;
  std::size_t index = 0;
};

/// At the first point with the least |fnr - fpr|, the mean of both. On the thinned curve this is the original
/// detector's number, which depends on the points that were dropped.
EqualErrorRate eer_nearest(const RocCurve& curve);

/// Where the curve, its points joined by straight lines, meets tpr = 1 - fpr.
double eer_interpolated(const RocCurve& curve);

/// The rate of true positives at a rate of false ones, linear between the points; at a vertical step its upper end.
/// (numpy.interp)
double tpr_at_fpr(const RocCurve& curve, double fpr);

}  // namespace dfpipe::metrics
