#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "summary.hpp"

/// Against scikit-learn 1.2.1 (tests/data/metrics/sklearn.json) and against what the original detector's evaluation
/// made of fixed scores (original.json).
namespace dfpipe::metrics {
namespace {

using Json = nlohmann::json;

const Json& golden(const std::string& name) {
  static std::map<std::string, Json> files;
  const auto [found, fresh] = files.try_emplace(name);
  if (fresh) {
    std::ifstream file("tests/data/metrics/" + name);
    found->second = Json::parse(file);
  }
  return found->second;
}

Samples samples(const Json& labels, const Json& scores) {
  Samples out{
      .labels = labels.get<std::vector<std::int64_t>>(), .scores = scores.get<std::vector<double>>(), .groups = {}};
  for (std::size_t i = 0; i < out.labels.size(); ++i) out.groups.push_back(i);
  return out;
}

constexpr double exact = 1e-12;

void expect_near(const std::vector<double>& got, const Json& wanted, const std::string& what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i].get<double>(), exact) << what << " " << i;
}

void expect_metric(const Summary& summary, const std::string& name, const Json& wanted, double tolerance = exact) {
  const Metric& metric = summary.metric(name);
  if (wanted.is_null()) {
    EXPECT_FALSE(metric.value) << name;
    EXPECT_NE(metric.why, "") << name;
  } else {
    ASSERT_TRUE(metric.value) << name << ": " << metric.why;
    EXPECT_NEAR(*metric.value, wanted.get<double>(), tolerance) << name;
  }
}

void expect_confusion(const Confusion& c, double tn, double fp, double fn, double tp) {
  EXPECT_EQ(c.true_negative, tn);
  EXPECT_EQ(c.false_positive, fp);
  EXPECT_EQ(c.false_negative, fn);
  EXPECT_EQ(c.true_positive, tp);
}

TEST(ScikitLearn, EveryNumberIsTheSame) {
  EXPECT_GE(golden("sklearn.json").size(), 10u);
  for (const auto& [name, set] : golden("sklearn.json").items()) {
    SCOPED_TRACE(name);
    const Json& wanted = set["expected"];
    SummaryOptions options;
    options.bootstrap.replicates = 0;
    const Samples data = samples(set["labels"], set["scores"]);
    const Summary got = summarise(data, options);
    EXPECT_EQ(got.count, wanted["n"]);
    EXPECT_EQ(got.fake, wanted["positives"]);
    for (const auto& [ours, theirs] : std::map<std::string, std::string>{{"roc_auc", "roc_auc"},
                                                                         {"average_precision", "average_precision"},
                                                                         {"eer_nearest", "eer_nearest"},
                                                                         {"accuracy", "accuracy"},
                                                                         {"balanced_accuracy", "balanced_accuracy"},
                                                                         {"precision", "precision"},
                                                                         {"recall", "recall"},
                                                                         {"f1", "f1"},
                                                                         {"matthews", "mcc"},
                                                                         {"brier", "brier"},
                                                                         {"log_loss", "log_loss_eps1e-15"},
                                                                         {"ece_positive", "ece_pos_15"},
                                                                         {"ece_top_label", "ece_top_15"}})
      expect_metric(got, ours, wanted[theirs]);
    for (const auto& [ours, theirs] : std::map<std::string, std::string>{
             {"eer_nearest_threshold", "eer_nearest_threshold"}, {"tpr_at_fpr_0.05", "tpr_at_fpr_0.05_interp"}})
      if (wanted.contains(theirs)) expect_metric(got, ours, wanted[theirs]);
    expect_metric(got, "eer_interpolated", wanted["eer_interp"], 1e-9);
    const Json& c = wanted["confusion_at_0.5"];
    expect_confusion(got.confusion, c["tn"], c["fp"], c["fn"], c["tp"]);
    options.bins = 10;
    const Summary ten = summarise(data, options);
    expect_metric(ten, "ece_positive", wanted["ece_pos_10"]);
    expect_metric(ten, "ece_top_label", wanted["ece_top_10"]);
  }
}

TEST(ScikitLearn, CurvesAreTheSameWholeAndThinned) {
  for (const auto& [name, set] : golden("sklearn.json").items()) {
    SCOPED_TRACE(name);
    const Samples data = samples(set["labels"], set["scores"]);
    const Counts counts = Ranking(data.labels, data.scores).counts();
    const PrecisionRecallCurve pr = precision_recall_curve(counts);
    expect_near(pr.precision, set["pr_precision"], "precision");
    expect_near(pr.recall, set["pr_recall"], "recall");
    expect_near(pr.thresholds, set["pr_thresholds"], "thresholds");
    const auto roc = roc_curve(counts);
    ASSERT_EQ(roc.has_value(), set.contains("fpr"));
    if (!roc) continue;
    expect_near(roc->fpr, set["fpr"], "fpr");
    expect_near(roc->tpr, set["tpr"], "tpr");
    expect_near(roc->thresholds, set["thresholds"], "thresholds");
    const RocCurve thin = *roc_curve(thinned(counts));
    expect_near(thin.fpr, set["fpr_dropped"], "fpr_dropped");
    expect_near(thin.tpr, set["tpr_dropped"], "tpr_dropped");
    expect_near(thin.thresholds, set["thresholds_dropped"], "thresholds_dropped");
  }
}

void expect_row(const ThresholdRow& row, const Json& wanted) {
  const Confusion& c = row.confusion;
  EXPECT_NEAR(row.threshold, wanted["threshold"], exact);
  EXPECT_NEAR(*accuracy(c), wanted["accuracy"], exact);
  EXPECT_NEAR(recall(c), wanted["fake_recall"], exact);
  EXPECT_NEAR(*real_recall(c), wanted["real_recall"], exact);
  EXPECT_NEAR(precision(c), wanted["fake_precision"], exact);
}

TEST(OriginalEvaluation, EveryNumberIsTheSameOnTheThinnedCurve) {
  EXPECT_GE(golden("original.json")["vectors"].size(), 8u);
  for (const auto& [name, set] : golden("original.json")["vectors"].items()) {
    SCOPED_TRACE(name);
    const Json& wanted = set["expected"];
    SummaryOptions options;
    options.bootstrap.replicates = 0;
    const Summary got = summarise(samples(set["labels"], set["scores"]), options);
    expect_metric(got, "roc_auc", wanted["auc"]);
    expect_metric(got, "eer_thinned", wanted["eer"]);
    expect_metric(got, "eer_nearest", wanted["undropped_curve"]["eer"]);
    expect_metric(got, "accuracy", wanted["accuracy_at_0.5"]);
    EXPECT_EQ(static_cast<float>(*got.metric("eer_thinned_threshold").value), wanted["eer_threshold"].get<float>());
    const Json& c = wanted["confusion_matrix"];
    expect_confusion(got.confusion, c[0][0], c[0][1], c[1][0], c[1][1]);
    ASSERT_EQ(got.table.size(), wanted["threshold_table"].size());
    for (std::size_t i = 0; i < got.table.size(); ++i) expect_row(got.table[i], wanted["threshold_table"][i]);
  }
}

// B13 of the original: on points that were dropped its rate is another than on the whole curve.
TEST(OriginalEvaluation, TheEqualErrorRateDoesNotDependOnDroppedPoints) {
  const Json& set = golden("original.json")["vectors"]["smooth"];
  const Summary got = summarise(samples(set["labels"], set["scores"]), {});
  EXPECT_NEAR(*got.metric("eer_thinned").value, 0.350, 1e-3);
  EXPECT_NEAR(*got.metric("eer_nearest").value, 0.329, 1e-3);
  EXPECT_LE(*got.metric("eer_nearest_threshold").value, 1);
}

TEST(OriginalEvaluation, DataSetsPooledAndAloneAndMirroredVotesAreTheSame) {
  for (const std::string name : {"summary_large_gap", "summary_small_gap"}) {
    const Json& set = golden("original.json")[name];
    const auto both = samples(set["labels"], set["tta"]);
    const std::vector<int> dataset = set["dataset"];
    for (std::size_t i = 0; i < both.scores.size(); ++i)
      EXPECT_NEAR(both.scores[i], (set["original"][i].get<double>() + set["flipped"][i].get<double>()) / 2, 1e-7);
    std::vector<double> areas;
    for (int which = -1; which < 2; ++which) {
      Samples part;
      for (std::size_t i = 0; i < both.labels.size(); ++i) {
        if (which >= 0 && dataset[i] != which) continue;
        part.labels.push_back(both.labels[i]);
        part.scores.push_back(both.scores[i]);
        part.groups.push_back(part.groups.size());
      }
      const Json& wanted = which < 0
                               ? set["expected"]["combined"]
                               : set["expected"]["per_dataset"]
                                    [set["expected"]["order"][static_cast<std::size_t>(which)].get<std::string>()];
      const Summary got = summarise(part, {});
      expect_metric(got, "roc_auc", wanted["auc"], 1e-9);
      expect_metric(got, "eer_thinned", wanted["eer"], 1e-9);
      expect_metric(got, "accuracy", wanted["accuracy"], 1e-9);
      const Json& c = wanted["confusion_matrix"];
      expect_confusion(got.confusion, c[0][0], c[0][1], c[1][0], c[1][1]);
      if (which >= 0) areas.push_back(*got.metric("roc_auc").value);
    }
    EXPECT_NEAR(std::abs(areas[0] - areas[1]), set["expected"]["gap"], 1e-9);
  }
}

}  // namespace
}  // namespace dfpipe::metrics
