#pragma once

#include "roc.hpp"

namespace dfpipe::metrics {

/// What a threshold is chosen by.
enum class ThresholdRule : std::uint8_t {
  equal_errors,       ///< as many genuine pictures called fake as fakes genuine: the curve's point nearest to it
  balanced_accuracy,  ///< the mean of both classes' recalls is largest (Youden's index)
  false_alarms,       ///< most fakes found while at most a given share of genuine pictures is called fake
};

/// A threshold, and what it does to the samples it was chosen on.
struct ChosenThreshold {
  double score = 0;  ///< on the curve's scale
  double fpr = 0;    ///< genuine pictures called fake
  double tpr = 0;    ///< fakes found
};

/// The threshold lies half way between the last score that is called fake and the next lower one, where it is farthest
/// from both; half a unit above the highest score when nothing is called fake, and at the lowest when everything is.
/// Of points equally good the one with the highest threshold is taken. `most_false_alarms`, [0,1], is for that rule
/// alone.
ChosenThreshold choose_threshold(const RocCurve& curve, ThresholdRule rule, double most_false_alarms);

}  // namespace dfpipe::metrics
