#pragma once

#include <cstdint>
#include <span>

/// One number that makes a classifier's probabilities mean what they say: its log odds are divided by a temperature,
/// which leaves their order alone. (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 4.2)
///
/// Log odds of "fake" are natural, log(p / (1 - p)), and finite; labels are 0 or 1; as many of each.
namespace dfpipe::metrics {

/// 1 / (1 + exp(-log_odds / temperature))
double probability_at(double log_odds, double temperature);

/// Mean of -log of the probability given to the label at a temperature, natural; never infinite. `weights`: how often
/// each sample counts; empty: once. Wants at least one sample.
double log_loss_at(std::span<const std::int64_t> labels, std::span<const double> log_odds, double temperature,
                   std::span<const std::uint32_t> weights = {});

/// A temperature is looked for between these.
inline constexpr double least_temperature = 0.05, most_temperature = 20;

/// Where the search ended.
enum class TemperatureEnd : std::uint8_t {
  optimum,  ///< at the least log loss
  least,    ///< at the lower bound: the surer the better; when every sample is on its right side there is no optimum
  most,     ///< at the upper bound: the scores hinder more than they help
  undetermined,  ///< log odds that are all 0 stay so at any temperature; it is 1
};

struct TemperatureFit {
  double temperature = 1;
  TemperatureEnd end = TemperatureEnd::undetermined;
};

/// The temperature of the least log loss. In 1/T the loss is convex: Newton's method between two bounds, halving where
/// it would leave them, until the step is below 1e-13 of 1/T. Throws std::invalid_argument when the lengths differ or
/// log odds are not finite.
TemperatureFit fit_temperature(std::span<const std::int64_t> labels, std::span<const double> log_odds,
                               std::span<const std::uint32_t> weights = {});

}  // namespace dfpipe::metrics
