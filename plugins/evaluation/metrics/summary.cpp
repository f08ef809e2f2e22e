#include "summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace dfpipe::metrics {
namespace {

using Values = std::vector<std::optional<double>>;

const std::array names{"roc_auc",
                       "average_precision",
                       "eer_interpolated",
                       "eer_nearest",
                       "eer_nearest_threshold",
                       "eer_thinned",
                       "eer_thinned_threshold",
                       "tpr_at_fpr_0.01",
                       "tpr_at_fpr_0.05",
                       "accuracy",
                       "balanced_accuracy",
                       "precision",
                       "recall",
                       "real_recall",
                       "f1",
                       "matthews",
                       "brier",
                       "log_loss",
                       "ece_positive",
                       "ece_top_label"};

/// Those that are resampled; resampled() gives their values in this order.
constexpr std::array with_interval{"roc_auc",         "average_precision", "eer_interpolated",  "tpr_at_fpr_0.01",
                                   "tpr_at_fpr_0.05", "accuracy",          "balanced_accuracy", "brier"};

Values resampled(const Samples& samples, const Ranking& ranking, double threshold,
                 std::span<const std::uint32_t> weights) {
  const Counts counts = ranking.counts(weights);
  const auto curve = roc_curve(counts);
  const auto of_curve = [&](auto of) { return curve ? std::optional<double>(of(*curve)) : std::nullopt; };
  const Confusion c = confusion(samples.labels, samples.scores, threshold, weights);
  double squares = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    squares += weights[i] * std::pow(samples.scores[i] - static_cast<double>(samples.labels[i]), 2);
  return {of_curve(area),
          of_curve([&](const RocCurve&) { return average_precision(counts); }),
          of_curve(eer_interpolated),
          of_curve([](const RocCurve& roc) { return tpr_at_fpr(roc, 0.01); }),
          of_curve([](const RocCurve& roc) { return tpr_at_fpr(roc, 0.05); }),
          accuracy(c),
          balanced_accuracy(c),
          c.total() > 0 ? std::optional(squares / c.total()) : std::nullopt};
}

class Maker {
 public:
  Maker(const Samples& samples, const SummaryOptions& options) : samples_(samples), options_(options) {
    out_.count = samples.labels.size();
    out_.fake = static_cast<std::size_t>(std::ranges::count(samples.labels, 1));
    out_.real = out_.count - out_.fake;
    out_.groups = samples.groups.empty() ? 0 : std::ranges::max(samples.groups) + 1;
    for (const char* name : names) out_.metrics.push_back({.name = name, .value = {}, .why = {}, .interval = {}});
  }

  Summary make() {
    const auto not_finite = std::ranges::count_if(samples_.scores, [](double s) { return !std::isfinite(s); });
    if (out_.count == 0 || not_finite > 0) {
      for (Metric& metric : out_.metrics)
        metric.why = out_.count == 0 ? "there are no scores" : std::to_string(not_finite) + " scores are not finite";
      return std::move(out_);
    }
    const Ranking ranking(samples_.labels, samples_.scores);
    ranked(ranking.counts());
    decided();
    calibrated();
    intervals(ranking);
    return std::move(out_);
  }

 private:
  Metric& at(std::string_view name) { return *std::ranges::find(out_.metrics, name, &Metric::name); }
  void set(std::string_view name, std::optional<double> value) {
    at(name).value = value;
    if (!value) at(name).why = out_.fake == 0 ? "there are no fakes" : "there are no genuine pictures";
  }

  void ranked(const Counts& counts) {
    out_.roc = roc_curve(counts);
    if (out_.roc) out_.precision_recall = precision_recall_curve(counts);
    set("average_precision", out_.fake > 0 ? std::optional(average_precision(counts)) : std::nullopt);
    if (!out_.roc) {
      for (const char* name : {"roc_auc", "eer_interpolated", "eer_nearest", "eer_nearest_threshold", "eer_thinned",
                               "eer_thinned_threshold", "tpr_at_fpr_0.01", "tpr_at_fpr_0.05"})
        set(name, std::nullopt);
      return;
    }
    const EqualErrorRate nearest = eer_nearest(*out_.roc), original = eer_nearest(*roc_curve(thinned(counts)));
    set("roc_auc", area(*out_.roc));
    set("eer_interpolated", eer_interpolated(*out_.roc));
    set("eer_nearest", nearest.rate);
    set("eer_nearest_threshold", nearest.threshold);
    set("eer_thinned", original.rate);
    set("eer_thinned_threshold", original.threshold);
    set("tpr_at_fpr_0.01", tpr_at_fpr(*out_.roc, 0.01));
    set("tpr_at_fpr_0.05", tpr_at_fpr(*out_.roc, 0.05));
  }

  void decided() {
    const Confusion c = confusion(samples_.labels, samples_.scores, options_.threshold);
    set("accuracy", accuracy(c));
    set("balanced_accuracy", balanced_accuracy(c));
    set("precision", precision(c));
    set("recall", recall(c));
    set("real_recall", real_recall(c));
    set("f1", f1(c));
    set("matthews", matthews(c));
    out_.confusion = c;
    for (const double threshold : options_.table)
      out_.table.push_back({threshold, confusion(samples_.labels, samples_.scores, threshold)});
  }

  void calibrated() {
    out_.reliability = reliability(samples_.labels, samples_.scores, options_.bins);
    set("brier", brier(samples_.labels, samples_.scores));
    set("log_loss", log_loss(samples_.labels, samples_.scores));
    set("ece_positive", calibration_error(out_.reliability));
    set("ece_top_label", calibration_error(top_label_reliability(samples_.labels, samples_.scores, options_.bins)));
  }

  void intervals(const Ranking& ranking) {
    const auto found = bootstrap(samples_.groups, options_.bootstrap, [&](std::span<const std::uint32_t> weights) {
      return resampled(samples_, ranking, options_.threshold, weights);
    });
    for (std::size_t i = 0; i < with_interval.size(); ++i)
      if (Metric& metric = at(with_interval[i]); metric.value) metric.interval = found[i];
  }

  const Samples& samples_;
  const SummaryOptions& options_;
  Summary out_;
};

}  // namespace

const Metric& Summary::metric(const std::string& name) const {
  const auto found = std::ranges::find(metrics, name, &Metric::name);
  if (found == metrics.end()) throw std::out_of_range("no metric is called " + name);
  return *found;
}

Summary summarise(const Samples& samples, const SummaryOptions& options) { return Maker(samples, options).make(); }

}  // namespace dfpipe::metrics
