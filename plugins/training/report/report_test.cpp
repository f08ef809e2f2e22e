#include "report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "history_testing.hpp"

namespace dfpipe::training {
namespace {

using testing::a_run;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Report a_report() {
  return {.name = "demo", .history = a_run(10), .settings = {{"optimizer", "AdamW"}, {"seed", "7"}}, .warnings = {}};
}

TEST(TrainingReport, HasTheBestEpochTheDrawingsTheTableAndTheSettings) {
  const std::string page = report_page(a_report());
  EXPECT_THAT(
      page, AllOf(HasSubstr("<title>Training: demo</title>"), HasSubstr("40 steps, 4 epochs, 1280 pictures in 0.3 min"),
                  HasSubstr("The best epoch is <b>3</b>, after step 30."),
                  HasSubstr("<b>0.9375</b><span>ROC-AUC of the best epoch"), HasSubstr("<b>64.0</b>"),
                  HasSubstr("<b>25.0 %</b>")));
  for (const char* title : {">Loss<", ">Validation AUC<", ">Learning rate<", ">Throughput<", ">Waiting for data<"})
    EXPECT_THAT(page, HasSubstr(title));
  EXPECT_THAT(
      page,
      HasSubstr("<tr><td><b>3, best</b></td><td>30</td><td>1.5000</td><td>0.7500</td><td>1.2500</td><td>0.9375</td>"
                "<td>0.8750</td><td>0.0625</td><td>0.9375</td><td>0.6875</td><td>0</td><td>20.0</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<td>optimizer</td><td class=\"wide\">AdamW</td>"));
  EXPECT_THAT(page, Not(HasSubstr("class=\"notes\"")));
}

TEST(TrainingReport, NeedsNothingElse) {
  const std::string page = report_page(a_report());
  for (const char* outside : {"<script", "http:", "https:", "src=", "href=", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(TrainingReport, NamesAreEscaped) {
  Report report = a_report();
  report.name = "<b>&run";
  report.settings = {{"<k>", "<v>"}};
  report.warnings = {"<w>"};
  const std::string page = report_page(report);
  EXPECT_THAT(page, AllOf(HasSubstr("&lt;b&gt;&amp;run"), HasSubstr("&lt;k&gt;"), HasSubstr("&lt;v&gt;"),
                          HasSubstr("<li>&lt;w&gt;</li>"), HasSubstr("<th>AUC, celeb &lt;df&gt;</th>")));
  for (const char* raw : {"<b>&run", "<k>", "<v>", "<w>", "<df>"}) EXPECT_THAT(page, Not(HasSubstr(raw)));
}

TEST(TrainingReport, WarnsOfWhatTheHistoryShows) {
  Report report = a_report();
  report.warnings = {"The disk is slow."};
  report.history.steps[4].loss = report.history.steps[6].loss = std::numeric_limits<double>::infinity();
  report.history.epochs[0].failed_samples = 2;
  report.history.epochs[3].failed_samples = 1;
  const std::string page = report_page(report);
  EXPECT_THAT(page, AllOf(HasSubstr("<li>The disk is slow.</li>"),
                          HasSubstr("<li>The loss of 2 steps is no finite number, first that of step 5.</li>"),
                          HasSubstr("<li>3 samples could not be used and fell out of their batches.</li>")));
}

TEST(TrainingReport, CanBeMadeBeforeTheFirstStepAndWithoutValidation) {
  const std::string empty = report_page({.name = "new", .history = {}, .settings = {}, .warnings = {}});
  EXPECT_THAT(empty, AllOf(HasSubstr("0 steps, 0 epochs"), HasSubstr("No epoch is complete yet."),
                           Not(HasSubstr("class=\"notes\"")), Not(HasSubstr("nan"))));
  Report report = a_report();
  for (EpochRecord& r : report.history.epochs) {
    r.val_loss = r.val_auc = r.val_accuracy = r.val_eer = std::nullopt;
    r.val_auc_by_dataset.clear();
    r.best = false;
  }
  const std::string blind = report_page(report);
  EXPECT_THAT(blind, AllOf(HasSubstr("No epoch was validated"), HasSubstr("<td>–</td>"), Not(HasSubstr(", best"))));
}

}  // namespace
}  // namespace dfpipe::training
