#include "calibration.hpp"

#include <algorithm>
#include <cmath>

namespace dfpipe::metrics {
namespace {

std::vector<Bin> empty_bins(std::size_t count) {
  // Scores on an edge depend on its last bit, so edges are numpy.linspace's.
  const double step = 1.0 / static_cast<double>(count);
  std::vector<Bin> bins(count);
  for (std::size_t i = 0; i < count; ++i) {
    bins[i].low = static_cast<double>(i) * step;
    bins[i].high = i + 1 == count ? 1 : static_cast<double>(i + 1) * step;
  }
  return bins;
}

void add(std::vector<Bin>& bins, double score, double hit) {
  const auto bin = std::ranges::lower_bound(bins, score, {}, &Bin::high);
  Bin& to = bin == bins.end() ? bins.back() : *bin;
  ++to.count;
  to.mean_score += score;
  to.fake_share += hit;
}

std::vector<Bin> means(std::vector<Bin> bins) {
  for (Bin& bin : bins) {
    if (bin.count == 0) continue;
    bin.mean_score /= static_cast<double>(bin.count);
    bin.fake_share /= static_cast<double>(bin.count);
  }
  return bins;
}

}  // namespace

double brier(std::span<const std::int64_t> labels, std::span<const double> scores) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double error = scores[i] - static_cast<double>(labels[i]);
    sum += error * error;
  }
  return sum / static_cast<double>(labels.size());
}

double log_loss(std::span<const std::int64_t> labels, std::span<const double> scores) {
  constexpr double least = 1e-15;
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double p = std::clamp(scores[i], least, 1 - least);
    sum -= labels[i] == 1 ? std::log(p) : std::log(1 - p);
  }
  return sum / static_cast<double>(labels.size());
}

std::vector<Bin> reliability(std::span<const std::int64_t> labels, std::span<const double> scores, std::size_t bins) {
  std::vector<Bin> out = empty_bins(bins);
  for (std::size_t i = 0; i < labels.size(); ++i) add(out, scores[i], static_cast<double>(labels[i]));
  return means(std::move(out));
}

std::vector<Bin> top_label_reliability(std::span<const std::int64_t> labels, std::span<const double> scores,
                                       std::size_t bins) {
  std::vector<Bin> out = empty_bins(bins);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool called_fake = scores[i] >= 0.5;
    add(out, std::max(scores[i], 1 - scores[i]), called_fake == (labels[i] == 1) ? 1 : 0);
  }
  return means(std::move(out));
}

double calibration_error(const std::vector<Bin>& bins) {
  double sum = 0, total = 0;
  for (const Bin& bin : bins) {
    sum += static_cast<double>(bin.count) * std::abs(bin.fake_share - bin.mean_score);
    total += static_cast<double>(bin.count);
  }
  return total > 0 ? sum / total : 0;
}

}  // namespace dfpipe::metrics
