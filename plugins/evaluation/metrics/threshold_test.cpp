#include "threshold.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dfpipe::metrics {
namespace {

// Genuine: -3 -2 -1 1 4; fakes: -1.5 0 2 3 5.
RocCurve curve() {
  const std::vector<std::int64_t> labels{0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
  const std::vector<double> scores{-3, -2, -1, 1, 4, -1.5, 0, 2, 3, 5};
  return *roc_curve(Ranking(labels, scores).counts());
}

TEST(Threshold, LiesHalfWayBetweenTheScoresItParts) {
  const ChosenThreshold equal = choose_threshold(curve(), ThresholdRule::equal_errors, 0);
  EXPECT_DOUBLE_EQ(equal.score, 0.5) << "two of five of each are wrong between 0 and 1";
  EXPECT_DOUBLE_EQ(equal.fpr, 0.4);
  EXPECT_DOUBLE_EQ(equal.tpr, 0.6);
}

TEST(Threshold, OfBalancedAccuracyIsTheBestAndAmongEqualsTheHighest) {
  const ChosenThreshold best = choose_threshold(curve(), ThresholdRule::balanced_accuracy, 0);
  EXPECT_DOUBLE_EQ(best.score, 1.5);
  EXPECT_DOUBLE_EQ(best.tpr - best.fpr, 0.4);
}

TEST(Threshold, KeepsFalseAlarmsWithinWhatIsAllowed) {
  const auto at = [](double most) { return choose_threshold(curve(), ThresholdRule::false_alarms, most); };
  EXPECT_DOUBLE_EQ(at(0).score, 4.5);
  EXPECT_DOUBLE_EQ(at(0).tpr, 0.2);
  EXPECT_DOUBLE_EQ(at(0.2).score, 1.5);
  EXPECT_DOUBLE_EQ(at(0.39).score, 1.5) << "the next point has two of five";
  EXPECT_DOUBLE_EQ(at(1).score, -1.75);
  EXPECT_DOUBLE_EQ(at(1).tpr, 1);
}

TEST(Threshold, OfSeparatedClassesLiesInTheMiddleOfTheGap) {
  const std::vector<std::int64_t> labels{0, 0, 1, 1};
  const RocCurve apart = *roc_curve(Ranking(labels, std::vector<double>{-2, -1, 3, 4}).counts());
  for (const auto rule : {ThresholdRule::equal_errors, ThresholdRule::balanced_accuracy, ThresholdRule::false_alarms}) {
    const ChosenThreshold chosen = choose_threshold(apart, rule, 0.05);
    EXPECT_DOUBLE_EQ(chosen.score, 1);
    EXPECT_DOUBLE_EQ(chosen.fpr, 0);
    EXPECT_DOUBLE_EQ(chosen.tpr, 1);
  }
}

TEST(Threshold, WhereNothingCanBeFoundLiesAboveEveryScore) {
  const std::vector<std::int64_t> labels{0, 1};
  const RocCurve wrong = *roc_curve(Ranking(labels, std::vector<double>{2, 1}).counts());
  const ChosenThreshold none = choose_threshold(wrong, ThresholdRule::false_alarms, 0);
  EXPECT_DOUBLE_EQ(none.score, 2.5);
  EXPECT_DOUBLE_EQ(none.tpr, 0);
  const RocCurve equal = *roc_curve(Ranking(labels, std::vector<double>{1, 1}).counts());
  EXPECT_DOUBLE_EQ(choose_threshold(equal, ThresholdRule::false_alarms, 1).score, 1) << "all or nothing";
}

}  // namespace
}  // namespace dfpipe::metrics
