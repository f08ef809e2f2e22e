#include "plots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "history_testing.hpp"

namespace dfpipe::training {
namespace {

using testing::a_run;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// The points of the drawing's line of that class, in pixels: x from 56 to 356, y from 294 (low) up to 34.
std::vector<std::pair<double, double>> line(const std::string& svg, const std::string& css) {
  const std::string start = "<polyline class=\"" + css + "\" points=\"";
  const std::size_t at = svg.find(start);
  if (at == std::string::npos) return {};
  const std::size_t from = at + start.size();
  std::istringstream in(svg.substr(from, svg.find('"', from) - from));
  std::vector<std::pair<double, double>> points;
  char comma = 0;
  for (double x = 0, y = 0; in >> x >> comma >> y;) points.emplace_back(x, y);
  return points;
}

TEST(Plots, TheLossHasItsPartsAndTheValidation) {
  const std::string svg = loss_plot(a_run(25));
  EXPECT_THAT(
      svg, AllOf(HasSubstr("over 2 steps"), HasSubstr("SupCon"), HasSubstr("cross-entropy"), HasSubstr("validation")));
  EXPECT_EQ(line(svg, "line s1").size(), 100u);
  const auto validation = line(svg, "line s2");
  ASSERT_EQ(validation.size(), 4u);
  EXPECT_EQ(validation[0].first, 56 + 75) << "after a quarter of the steps";
  EXPECT_EQ(validation[3].first, 356);
  // SupCon falls from 1.99: the axis ends 5 % above it, and the validation's 1.25 lies where it says.
  EXPECT_NEAR(validation[0].second, 294 - 260 * 1.25 / (1.05 * 1.99), 0.06);
}

TEST(Plots, ALongRunGivesNoLargerDrawings) {
  const History history = a_run(25'000);
  for (const std::string& svg :
       {loss_plot(history), learning_rate_plot(history), throughput_plot(history), data_wait_plot(history)}) {
    EXPECT_LT(svg.size(), 40'000u);
    EXPECT_THAT(svg, HasSubstr("<text class=\"small middle\" x=\"356.0\" y=\"309.0\">100000</text>"));
  }
}

TEST(Plots, TheAucHasALineForEachDataSetAndTheBestIsMarked) {
  const std::string svg = auc_plot(a_run(10));
  EXPECT_THAT(svg, AllOf(HasSubstr("celeb &lt;df&gt;, last 0.906"), HasSubstr("ff++, last 0.656"),
                         HasSubstr("all pictures, last 0.906, best 0.938 (large dot)")));
  EXPECT_EQ(line(svg, "line strong s0").size(), 4u);
  EXPECT_THAT(svg, HasSubstr("cx=\"281.0\" cy=\"57.2\" r=\"5.0\"")) << "the third of four, 0.9375 between 0.3 and 1";
  EXPECT_EQ(line(svg, "line s1"), line(svg, "line strong s0"));
  // The lowest value is 0.375, so the axis begins at 0.3.
  EXPECT_NEAR(line(svg, "line s2").at(0).second, 294 - 260 * (0.375 - 0.3) / 0.7, 0.06);
  EXPECT_THAT(svg, HasSubstr("line dash faint")) << "chance";
}

TEST(Plots, OneDataSetIsAllPictures) {
  History history = a_run(10);
  for (EpochRecord& r : history.epochs) r.val_auc_by_dataset = {{"only", *r.val_auc}};
  EXPECT_THAT(auc_plot(history), Not(HasSubstr("only")));
}

TEST(Plots, MoreDataSetsThanColoursAreLeftToTheTable) {
  History history = a_run(10);
  for (EpochRecord& r : history.epochs)
    for (char c = 'a'; c < 'k'; ++c) r.val_auc_by_dataset[std::string("set ") + c] = 0.75;
  const std::string svg = auc_plot(history);
  EXPECT_THAT(svg, AllOf(HasSubstr("set e,"), Not(HasSubstr("set f,"))));
}

TEST(Plots, ThroughputAndWaitAreTheSumsRatios) {
  History history = a_run(200);
  EXPECT_NEAR(line(throughput_plot(history), "line s1").at(9).second, 294 - 260 / 1.05, 0.06) << "all are 64 images/s";
  for (StepRecord& r : history.steps)
    if (r.step > 600) r.data_wait = 0.5;
  const auto wait = line(data_wait_plot(history), "line s1");
  EXPECT_NEAR(wait.front().second, 294 - 260 * 25 / 105.0, 0.06);
  EXPECT_NEAR(wait.back().second, 294 - 260 * 100 / 105.0, 0.06);
}

TEST(Plots, WhereThereIsNothingASentenceSaysWhy) {
  for (const std::string& text : {loss_plot({}), learning_rate_plot({}), throughput_plot({}), data_wait_plot({})})
    EXPECT_THAT(text, AllOf(HasSubstr("no step has been made yet"), Not(HasSubstr("<svg"))));
  EXPECT_THAT(auc_plot({}), HasSubstr("no epoch has been validated"));
}

TEST(Plots, WhatIsNoNumberIsNeverDrawn) {
  History history = a_run(3);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  history.steps[1] = {.step = 2, .loss = nan, .supcon = nan, .ce = nan, .lr = nan, .seconds = nan, .data_wait = nan};
  history.epochs[0].val_loss.reset();
  history.epochs[0].val_auc.reset();
  history.epochs[1].val_auc_by_dataset["ff++"] = nan;
  for (const std::string& svg : {loss_plot(history), auc_plot(history), learning_rate_plot(history),
                                 throughput_plot(history), data_wait_plot(history)})
    EXPECT_THAT(svg, AllOf(HasSubstr("<svg"), Not(HasSubstr("nan")), Not(HasSubstr("inf")))) << svg.substr(0, 200);
  for (StepRecord& r : history.steps) r = history.steps[1];
  for (const std::string& svg :
       {loss_plot(history), learning_rate_plot(history), throughput_plot(history), data_wait_plot(history)})
    EXPECT_THAT(svg, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
}

TEST(Plots, AFirstStepIsADotAndAZeroRateABottomLine) {
  History history;
  history.steps.push_back({.step = 1, .loss = 0, .lr = 0, .seconds = 0.5, .images = 4});
  EXPECT_THAT(learning_rate_plot(history), HasSubstr("cx=\"356.0\" cy=\"294.0\""));
  EXPECT_THAT(loss_plot(history), HasSubstr("<svg"));
}

TEST(BestEpoch, IsTheLastThatWasTheBestAndHasAnAuc) {
  History history = a_run(2);
  EXPECT_EQ(best_epoch(history)->epoch, 2);
  history.epochs[2].val_auc.reset();
  EXPECT_EQ(best_epoch(history)->epoch, 1);
  for (EpochRecord& r : history.epochs) r.best = false;
  EXPECT_EQ(best_epoch(history), nullptr);
}

}  // namespace
}  // namespace dfpipe::training
