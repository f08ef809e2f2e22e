#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Whether a probability of 0.8 means that four of five are fake. Scores here are probabilities in [0,1]; all functions
/// want at least one.
namespace dfpipe::metrics {

/// Mean of (score - label)^2. (brier_score_loss)
double brier(std::span<const std::int64_t> labels, std::span<const double> scores);

/// Mean of -log of the probability given to the label, natural; clipped to [1e-15, 1 - 1e-15]. (log_loss)
double log_loss(std::span<const std::int64_t> labels, std::span<const double> scores);

/// One of the equal bins (low, high] over [0,1]; 0 falls into the first.
struct Bin {
  double low = 0, high = 0;
  std::size_t count = 0;
  double mean_score = 0;
  double fake_share = 0;  ///< mean label; of the top label's bins: the share of right decisions
};

/// Bins of the probability of "fake".
std::vector<Bin> reliability(std::span<const std::int64_t> labels, std::span<const double> scores, std::size_t bins);

/// Bins of max(p, 1-p), the confidence in the class called at 0.5; still over [0,1], so that the lower half is empty.
std::vector<Bin> top_label_reliability(std::span<const std::int64_t> labels, std::span<const double> scores,
                                       std::size_t bins);

/// Expected calibration error: mean of |share - mean score| over the bins, weighted by their counts. (Guo et al., "On
/// Calibration of Modern Neural Networks", ICML 2017, eq. 5)
double calibration_error(const std::vector<Bin>& bins);

}  // namespace dfpipe::metrics
