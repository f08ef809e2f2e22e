#include "temperature.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace dfpipe::metrics {
namespace {

/// log(1 + exp(x)), without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// First and second derivative of the summed log loss with respect to 1/T.
struct Slope {
  double first = 0, second = 0;
};

class Loss {
 public:
  Loss(std::span<const std::int64_t> labels, std::span<const double> log_odds, std::span<const std::uint32_t> weights)
      : labels_(labels), log_odds_(log_odds), weights_(weights) {}

  Slope at(double beta) const {
    Slope out;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const double weight = weights_.empty() ? 1 : weights_[i], odds = log_odds_[i];
      const double p = probability_at(odds, 1 / beta);
      out.first += weight * odds * (p - static_cast<double>(labels_[i]));
      out.second += weight * odds * odds * p * (1 - p);
    }
    return out;
  }

 private:
  std::span<const std::int64_t> labels_;
  std::span<const double> log_odds_;
  std::span<const std::uint32_t> weights_;
};

}  // namespace

double probability_at(double log_odds, double temperature) { return 1 / (1 + std::exp(-log_odds / temperature)); }

double log_loss_at(std::span<const std::int64_t> labels, std::span<const double> log_odds, double temperature,
                   std::span<const std::uint32_t> weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    sum += weight * softplus((labels[i] == 1 ? -log_odds[i] : log_odds[i]) / temperature);
    total += weight;
  }
  return sum / total;
}

TemperatureFit fit_temperature(std::span<const std::int64_t> labels, std::span<const double> log_odds,
                               std::span<const std::uint32_t> weights) {
  if (labels.size() != log_odds.size() || (!weights.empty() && weights.size() != labels.size()))
    throw std::invalid_argument("as many labels as log odds and weights are wanted");
  if (std::ranges::any_of(log_odds, [](double odds) { return !std::isfinite(odds); }))
    throw std::invalid_argument("log odds must be finite");
  const Loss loss(labels, log_odds, weights);
  double low = 1 / most_temperature, high = 1 / least_temperature;
  const Slope flattest = loss.at(low), sharpest = loss.at(high);
  if (flattest.second == 0 && flattest.first == 0) return {1, TemperatureEnd::undetermined};
  if (flattest.first >= 0) return {most_temperature, TemperatureEnd::most};
  if (sharpest.first <= 0) return {least_temperature, TemperatureEnd::least};
  double beta = 1;
  for (int i = 0; i < 200; ++i) {
    const Slope slope = loss.at(beta);
    (slope.first < 0 ? low : high) = beta;
    double next = beta - slope.first / slope.second;
    if (!(next > low && next < high)) next = (low + high) / 2;
    const double step = std::abs(next - beta);
    beta = next;
    if (step <= 1e-13 * beta) break;
  }
  return {1 / beta, TemperatureEnd::optimum};
}

}  // namespace dfpipe::metrics
