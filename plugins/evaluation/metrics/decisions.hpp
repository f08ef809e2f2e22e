#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace dfpipe::metrics {

/// Decisions by label. Counts; not whole when samples have weights.
struct Confusion {
  double true_positive = 0;   ///< fakes called fake
  double false_positive = 0;  ///< genuine pictures called fake
  double true_negative = 0;
  double false_negative = 0;

  double total() const { return true_positive + false_positive + true_negative + false_negative; }
};

/// Whether a score counts as fake: score >= threshold, compared as float32, in which the scores are made. A score
/// written as 0.7 so passes the threshold 0.7, which as a double it might not.
bool is_fake(double score, double threshold);

Confusion confusion(std::span<const std::int64_t> labels, std::span<const double> scores, double threshold);
/// Each sample as often as its weight says.
Confusion confusion(std::span<const std::int64_t> labels, std::span<const double> scores, double threshold,
                    std::span<const std::uint32_t> weights);

/// Shares of the counts. With nothing to divide by: precision, recall, F1 and Matthews' correlation are 0 as in
/// scikit-learn, the others nothing.
std::optional<double> accuracy(const Confusion& c);
std::optional<double> real_recall(const Confusion& c);  ///< of the genuine pictures, those called genuine; specificity
std::optional<double> balanced_accuracy(const Confusion& c);  ///< mean of both classes' recalls
double precision(const Confusion& c);                         ///< of those called fake, the fakes
double recall(const Confusion& c);                            ///< of the fakes, those called fake; sensitivity
double f1(const Confusion& c);
double matthews(const Confusion& c);  ///< Matthews' correlation coefficient, [-1,1]

}  // namespace dfpipe::metrics
