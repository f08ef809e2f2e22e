#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bootstrap.hpp"
#include "calibration.hpp"
#include "decisions.hpp"
#include "precision_recall.hpp"
#include "roc.hpp"

namespace dfpipe::metrics {

/// Scored samples: labels 0 or 1, probabilities of "fake", and the group of each, numbered from 0 without gaps.
struct Samples {
  std::vector<std::int64_t> labels;
  std::vector<double> scores;
  std::vector<std::size_t> groups;
};

struct SummaryOptions {
  double threshold = 0.5;  ///< at least this much is called fake
  std::size_t bins = 15;   ///< of the calibration errors
  BootstrapOptions bootstrap;
  std::vector<double> table = {0.3, 0.4, 0.5, 0.6, 0.7, 0.8};  ///< thresholds of the table
};

/// A number, or the reason why there is none.
struct Metric {
  std::string name;
  std::optional<double> value;
  std::string why;
  std::optional<Interval> interval;
};

struct ThresholdRow {
  double threshold = 0;
  Confusion confusion;
};

/// Everything about one set of samples. Curves are there where both classes are; of no samples, or of scores that are
/// not finite, there are the counts and reasons only.
struct Summary {
  std::size_t count = 0, real = 0, fake = 0, groups = 0;
  std::vector<Metric> metrics;  ///< always the same names in the same order, see summarise()
  Confusion confusion;          ///< at the threshold
  std::vector<ThresholdRow> table;
  std::optional<RocCurve> roc;
  std::optional<PrecisionRecallCurve> precision_recall;
  std::vector<Bin> reliability;

  /// Throws std::out_of_range for a name there is not.
  const Metric& metric(const std::string& name) const;
};

/// Computes, with intervals where a star stands:
///
///     roc_auc*, average_precision*, eer_interpolated*, eer_nearest, eer_nearest_threshold, eer_thinned,
///     eer_thinned_threshold, tpr_at_fpr_0.01*, tpr_at_fpr_0.05*, accuracy*, balanced_accuracy*, precision, recall,
///     real_recall, f1, matthews, brier*, log_loss, ece_positive, ece_top_label
///
/// eer_thinned is the original detector's EER. With one class only, what compares the classes has no value.
Summary summarise(const Samples& samples, const SummaryOptions& options);

}  // namespace dfpipe::metrics
