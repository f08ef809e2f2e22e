#include "temperature.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "calibration.hpp"
#include "dfpipe/random.hpp"

namespace dfpipe::metrics {
namespace {

/// tests/data/metrics/temperature.json: log odds with the temperature of least log loss, found in 60 decimal digits by
/// golden section on the loss itself, without derivatives.
TEST(Temperature, IsThatOfTheLeastLogLossFoundOtherwise) {
  std::ifstream file("tests/data/metrics/temperature.json");
  const auto golden = nlohmann::json::parse(file);
  ASSERT_EQ(golden.size(), 4u);
  for (const auto& [name, wanted] : golden.items()) {
    const auto labels = wanted["labels"].get<std::vector<std::int64_t>>();
    const auto log_odds = wanted["log_odds"].get<std::vector<double>>();
    const auto weights = wanted.value("weights", std::vector<std::uint32_t>{});
    const TemperatureFit fit = fit_temperature(labels, log_odds, weights);
    EXPECT_EQ(fit.end, TemperatureEnd::optimum) << name;
    EXPECT_NEAR(fit.temperature, wanted["temperature"].get<double>(), 1e-11) << name;
    EXPECT_NEAR(log_loss_at(labels, log_odds, fit.temperature, weights), wanted["log_loss"].get<double>(), 1e-14)
        << name;
    EXPECT_NEAR(log_loss_at(labels, log_odds, 1, weights), wanted["log_loss_at_1"].get<double>(), 1e-14) << name;
  }
}

/// Labels drawn with the probability that the log odds state, which are then overstated threefold.
TEST(Temperature, UndoesAnOverstatementAndLowersTheCalibrationError) {
  Random random(4, 0);
  std::vector<std::int64_t> labels;
  std::vector<double> log_odds, before, after;
  for (int i = 0; i < 4000; ++i) {
    const double odds = 1.5 * random.normal();
    labels.push_back(random.uniform() < probability_at(odds, 1) ? 1 : 0);
    log_odds.push_back(3 * odds);
  }
  const TemperatureFit fit = fit_temperature(labels, log_odds);
  EXPECT_NEAR(fit.temperature, 3, 0.15);
  for (const double odds : log_odds) {
    before.push_back(probability_at(odds, 1));
    after.push_back(probability_at(odds, fit.temperature));
  }
  const auto error = [&](const std::vector<double>& scores) {
    return calibration_error(reliability(labels, scores, 15));
  };
  EXPECT_GT(error(before), 0.1);
  EXPECT_LT(error(after), 0.03);
}

TEST(Temperature, IsHeldAtItsBoundsWhereThereIsNoOptimum) {
  const std::vector<std::int64_t> labels{0, 0, 1, 1};
  const TemperatureFit right = fit_temperature(labels, std::vector<double>{-2, -1, 1, 3});
  EXPECT_EQ(right.temperature, least_temperature);
  EXPECT_EQ(right.end, TemperatureEnd::least);
  const TemperatureFit wrong = fit_temperature(labels, std::vector<double>{2, 1, -1, -3});
  EXPECT_EQ(wrong.temperature, most_temperature);
  EXPECT_EQ(wrong.end, TemperatureEnd::most);
  const TemperatureFit nothing = fit_temperature(labels, std::vector<double>{0, 0, 0, 0});
  EXPECT_EQ(nothing.temperature, 1);
  EXPECT_EQ(nothing.end, TemperatureEnd::undetermined);
}

TEST(Temperature, EqualScoresBecomeTheShareOfFakes) {
  const std::vector<std::int64_t> labels{0, 1, 1, 1};
  const std::vector<double> log_odds(4, 5.0);
  EXPECT_NEAR(probability_at(5, fit_temperature(labels, log_odds).temperature), 0.75, 1e-12);
}

TEST(Temperature, ExtremeLogOddsOverflowNothing) {
  const std::vector<std::int64_t> labels{0, 1, 1, 0};
  const std::vector<double> log_odds{-103, 103, -103, 1e-9};
  const TemperatureFit fit = fit_temperature(labels, log_odds);
  EXPECT_TRUE(std::isfinite(fit.temperature));
  EXPECT_TRUE(std::isfinite(log_loss_at(labels, log_odds, least_temperature)));
  EXPECT_EQ(probability_at(103, least_temperature), 1);
  EXPECT_EQ(probability_at(-1e6, least_temperature), 0);
}

TEST(Temperature, LogOddsThatAreNotFiniteAreRefused) {
  const std::vector<std::int64_t> labels{0, 1};
  EXPECT_THROW(fit_temperature(labels, std::vector<double>{0, std::numeric_limits<double>::infinity()}),
               std::invalid_argument);
  EXPECT_THROW(fit_temperature(labels, std::vector<double>{0}), std::invalid_argument);
}

}  // namespace
}  // namespace dfpipe::metrics
