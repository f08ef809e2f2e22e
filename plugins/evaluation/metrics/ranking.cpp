#include "ranking.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace dfpipe::metrics {

Ranking::Ranking(std::span<const std::int64_t> labels, std::span<const double> scores) {
  if (labels.size() != scores.size())
    throw std::invalid_argument(std::to_string(labels.size()) + " labels for " + std::to_string(scores.size()) +
                                " scores");
  samples_.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isfinite(scores[i])) throw std::invalid_argument("score " + std::to_string(i) + " is not finite");
    samples_.push_back({scores[i], i, labels[i] == 1});
  }
  std::ranges::stable_sort(samples_, std::ranges::greater(), &Sample::score);
}

template <class Weight>
Counts Ranking::count(Weight weight) const {
  Counts out;
  double positives = 0, negatives = 0;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const Sample& sample = samples_[i];
    (sample.positive ? positives : negatives) += weight(sample.index);
    if (i + 1 < samples_.size() && samples_[i + 1].score == sample.score) continue;
    out.thresholds.push_back(sample.score);
    out.true_positives.push_back(positives);
    out.false_positives.push_back(negatives);
  }
  return out;
}

Counts Ranking::counts() const {
  return count([](std::size_t) { return 1.0; });
}

Counts Ranking::counts(std::span<const std::uint32_t> weights) const {
  return count([weights](std::size_t i) { return static_cast<double>(weights[i]); });
}

}  // namespace dfpipe::metrics
