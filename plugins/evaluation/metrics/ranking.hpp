#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Numbers that tell how well scores tell fake (label 1, positive) from genuine (label 0). All agree with scikit-learn
/// 1.2.1 to 1e-12, whose names are given where they differ.
namespace dfpipe::metrics {

/// How many positives and negatives score at least each distinct score, from the highest down. Whole numbers; doubles
/// for what is computed from them.
struct Counts {
  std::vector<double> thresholds;
  std::vector<double> true_positives;
  std::vector<double> false_positives;

  double positives() const { return true_positives.empty() ? 0 : true_positives.back(); }
  double negatives() const { return false_positives.empty() ? 0 : false_positives.back(); }
};

/// Samples sorted by score once, for counting with several weights.
class Ranking {
 public:
  /// `labels` are 0 or 1. Throws std::invalid_argument when a score is not finite or the lengths differ.
  Ranking(std::span<const std::int64_t> labels, std::span<const double> scores);

  Counts counts() const;
  /// Each sample as often as its weight says, in the order given to the constructor.
  Counts counts(std::span<const std::uint32_t> weights) const;

 private:
  template <class Weight>
  Counts count(Weight weight) const;

  struct Sample {
    double score;
    std::size_t index;
    bool positive;
  };
  std::vector<Sample> samples_;  ///< by score, descending
};

}  // namespace dfpipe::metrics
