#include "summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "dfpipe/random.hpp"

namespace dfpipe::metrics {
namespace {

Samples made(std::vector<std::int64_t> labels, std::vector<double> scores) {
  Samples out{std::move(labels), std::move(scores), {}};
  for (std::size_t i = 0; i < out.labels.size(); ++i) out.groups.push_back(i);
  return out;
}

/// Scores that tell the classes apart in part; `each` samples a group, which share their noise.
Samples noisy(std::size_t count, std::size_t each, std::uint64_t seed) {
  Samples out;
  for (std::size_t i = 0; i < count; ++i) {
    Random random(seed, i / each);
    const std::int64_t label = static_cast<std::int64_t>(random.below(2));
    out.labels.push_back(label);
    out.scores.push_back(1 / (1 + std::exp(-(random.normal() + static_cast<double>(label)))));
    out.groups.push_back(i / each);
  }
  return out;
}

TEST(Summary, OneClassAloneHasReasonsInPlaceOfAComparison) {
  const Summary real = summarise(made({0, 0}, {0.2, 0.7}), {});
  EXPECT_FALSE(real.metric("roc_auc").value);
  EXPECT_EQ(real.metric("roc_auc").why, "there are no fakes");
  EXPECT_EQ(real.metric("average_precision").why, "there are no fakes");
  EXPECT_EQ(real.metric("accuracy").value, 0.5);
  EXPECT_FALSE(real.roc);
  const Summary fake = summarise(made({1, 1}, {0.2, 0.7}), {});
  EXPECT_EQ(fake.metric("eer_interpolated").why, "there are no genuine pictures");
  EXPECT_EQ(fake.metric("real_recall").why, "there are no genuine pictures");
  EXPECT_EQ(fake.metric("average_precision").value, 1);
}

TEST(Summary, NothingAtAllAndScoresThatAreNoNumbersHaveReasons) {
  for (const Metric& metric : summarise({}, {}).metrics) {
    EXPECT_FALSE(metric.value);
    EXPECT_EQ(metric.why, "there are no scores");
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Metric& metric : summarise(made({0, 1}, {0.5, nan}), {}).metrics) {
    EXPECT_FALSE(metric.value);
    EXPECT_EQ(metric.why, "1 scores are not finite");
  }
  EXPECT_THROW(Ranking(std::vector<std::int64_t>{1}, std::vector<double>{nan}), std::invalid_argument);
  EXPECT_THROW(Ranking(std::vector<std::int64_t>{1}, std::vector<double>{}), std::invalid_argument);
}

TEST(Summary, AScoreWrittenAsTheThresholdPassesIt) {
  EXPECT_TRUE(is_fake(static_cast<double>(0.7F), 0.7)) << "as doubles it would be below";
  EXPECT_FALSE(is_fake(0.6999, 0.7));
}

TEST(Bootstrap, IsAFunctionOfTheSeed) {
  const Samples data = noisy(60, 1, 1);
  const auto interval = [&](std::uint64_t seed) {
    SummaryOptions options;
    options.bootstrap.seed = seed;
    return *summarise(data, options).metric("roc_auc").interval;
  };
  EXPECT_EQ(interval(3).low, interval(3).low);
  EXPECT_NE(interval(3).low, interval(4).low);
  EXPECT_LT(interval(3).low, *summarise(data, {}).metric("roc_auc").value);
  EXPECT_GT(interval(3).high, *summarise(data, {}).metric("roc_auc").value);
}

TEST(Bootstrap, TheIntervalOfAShareIsThatOfTheBinomialDistribution) {
  Samples data = made({}, {});
  for (std::size_t i = 0; i < 400; ++i) {
    data.labels.push_back(static_cast<std::int64_t>(i % 2));
    data.scores.push_back(i % 5 == 0 ? 0.5 - 0.4 * (i % 2 ? 1 : -1) : 0.5 + 0.4 * (i % 2 ? 1 : -1));
    data.groups.push_back(i);
  }
  SummaryOptions options;
  options.bootstrap.replicates = 4000;
  const Metric accuracy = summarise(data, options).metric("accuracy");
  const double deviation = std::sqrt(0.8 * 0.2 / 400);
  EXPECT_EQ(accuracy.value, 0.8);
  EXPECT_NEAR(accuracy.interval->low, 0.8 - 1.96 * deviation, 0.004);
  EXPECT_NEAR(accuracy.interval->high, 0.8 + 1.96 * deviation, 0.004);
}

TEST(Bootstrap, PicturesOfOneGroupAreNotCountedAsIndependent) {
  Samples grouped = noisy(400, 10, 5);
  Samples apart = grouped;
  for (std::size_t i = 0; i < apart.groups.size(); ++i) apart.groups[i] = i;
  const auto width = [](const Samples& data) {
    const Interval interval = *summarise(data, {}).metric("accuracy").interval;
    return interval.high - interval.low;
  };
  EXPECT_GT(width(grouped), 2.2 * width(apart)) << "ten equal pictures a group: sqrt(10) times";
}

TEST(Bootstrap, OfTenTruthsTheIntervalHoldsAboutNineAndAHalf) {
  int held = 0;
  constexpr int trials = 200;
  SummaryOptions options;
  options.bootstrap.replicates = 300;
  const double truth = std::erfc(-0.5) / 2;  // two normal scores one deviation apart: Phi(1 / sqrt 2)
  for (int trial = 0; trial < trials; ++trial) {
    const Interval interval =
        *summarise(noisy(200, 1, 100 + static_cast<std::uint64_t>(trial)), options).metric("roc_auc").interval;
    held += interval.low <= truth && truth <= interval.high;
  }
  EXPECT_GT(held, trials * 0.90);
  EXPECT_LT(held, trials * 0.99);
}

TEST(Bootstrap, ASingleGroupHasNoInterval) {
  Samples data = noisy(20, 20, 1);
  data.labels[3] = 1 - data.labels[3];
  EXPECT_FALSE(summarise(data, {}).metric("accuracy").interval);
}

TEST(Bootstrap, WeightsCountAsRepetitions) {
  const Samples data = noisy(30, 1, 9);
  std::vector<std::uint32_t> weights;
  Samples repeated;
  for (std::size_t i = 0; i < 30; ++i) {
    weights.push_back(static_cast<std::uint32_t>(i % 3));
    for (std::size_t k = 0; k < i % 3; ++k) {
      repeated.labels.push_back(data.labels[i]);
      repeated.scores.push_back(data.scores[i]);
    }
  }
  const Counts weighted = Ranking(data.labels, data.scores).counts(weights);
  const Counts counted = Ranking(repeated.labels, repeated.scores).counts();
  EXPECT_DOUBLE_EQ(area(*roc_curve(weighted)), area(*roc_curve(counted)));
  EXPECT_DOUBLE_EQ(average_precision(weighted), average_precision(counted));
  EXPECT_DOUBLE_EQ(eer_interpolated(*roc_curve(weighted)), eer_interpolated(*roc_curve(counted)));
}

}  // namespace
}  // namespace dfpipe::metrics
