#include "decisions.hpp"

#include <cmath>

namespace dfpipe::metrics {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

template <class Weight>
Confusion count(std::span<const std::int64_t> labels, std::span<const double> scores, double threshold, Weight weight) {
  Confusion c;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool called = is_fake(scores[i], threshold);
    double& cell =
        labels[i] == 1 ? (called ? c.true_positive : c.false_negative) : (called ? c.false_positive : c.true_negative);
    cell += weight(i);
  }
  return c;
}

}  // namespace

bool is_fake(double score, double threshold) { return static_cast<float>(score) >= static_cast<float>(threshold); }

Confusion confusion(std::span<const std::int64_t> labels, std::span<const double> scores, double threshold) {
  return count(labels, scores, threshold, [](std::size_t) { return 1.0; });
}

Confusion confusion(std::span<const std::int64_t> labels, std::span<const double> scores, double threshold,
                    std::span<const std::uint32_t> weights) {
  return count(labels, scores, threshold, [&](std::size_t i) { return static_cast<double>(weights[i]); });
}

std::optional<double> accuracy(const Confusion& c) {
  if (c.total() == 0) return std::nullopt;
  return (c.true_positive + c.true_negative) / c.total();
}

std::optional<double> real_recall(const Confusion& c) {
  const double real = c.true_negative + c.false_positive;
  return real > 0 ? std::optional(c.true_negative / real) : std::nullopt;
}

std::optional<double> balanced_accuracy(const Confusion& c) {
  const auto real = real_recall(c);
  if (!real || c.true_positive + c.false_negative == 0) return std::nullopt;
  return (recall(c) + *real) / 2;
}

double precision(const Confusion& c) { return share(c.true_positive, c.true_positive + c.false_positive); }
double recall(const Confusion& c) { return share(c.true_positive, c.true_positive + c.false_negative); }
double f1(const Confusion& c) {
  return share(2 * c.true_positive, 2 * c.true_positive + c.false_positive + c.false_negative);
}

double matthews(const Confusion& c) {
  const double product = (c.true_positive + c.false_positive) * (c.true_positive + c.false_negative) *
                         (c.true_negative + c.false_positive) * (c.true_negative + c.false_negative);
  return share(c.true_positive * c.true_negative - c.false_positive * c.false_negative, std::sqrt(product));
}

}  // namespace dfpipe::metrics
