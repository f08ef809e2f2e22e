#include "plots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "charts/page.hpp"
#include "charts/svg.hpp"

namespace dfpipe::evaluation {
namespace {

using charts::Axis;
using charts::fixed;
using charts::Plot;
using charts::Point;
using metrics::Summary;

constexpr std::size_t colours = 7;  // classes s1 to s7 of the style sheet; s0 is for all pictures
constexpr std::size_t most_lines = 7;

std::string why_no_curve(const Evaluation& e) { return e.all.summary.metric("roc_auc").why; }

std::string value(const Summary& summary, const std::string& metric) {
  const auto number = summary.metric(metric).value;
  return number ? fixed(*number, 3) : "–";
}

/// A line for each data set, if there are several, and one for all on top.
void curves(Plot& plot, const Evaluation& e, const std::string& metric,
            const std::function<std::vector<Point>(const Summary&)>& points) {
  const std::string name = metric == "eer_interpolated" ? "EER" : metric == "roc_auc" ? "AUC" : "AP";
  if (e.datasets.size() > 1)
    for (std::size_t i = 0; i < std::min(e.datasets.size(), most_lines); ++i) {
      const Part& part = e.datasets[i];
      if (!part.summary.roc) continue;
      const std::string css = "s" + std::to_string(1 + i % colours);
      plot.line(points(part.summary), "line " + css);
      plot.legend(css, part.name + ", " + name + " " + value(part.summary, metric));
    }
  plot.line(points(e.all.summary), "line strong s0");
  plot.legend("s0", (e.datasets.size() > 1 ? "all" : e.datasets.front().name) + ", " + name + " " +
                        value(e.all.summary, metric));
}

}  // namespace

double normal_quantile(double share) {
  double low = -40, high = 40;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2)) / 2 < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::string roc_plot(const Evaluation& e) {
  const std::string title = "ROC curve";
  if (!e.all.summary.roc) return charts::no_drawing(title, why_no_curve(e));
  Plot plot(title, "Share of fakes found against share of genuine pictures called fake",
            Axis::even("genuine pictures called fake (FPR)", 0, 1, 5, 1), Axis::even("fakes found (TPR)", 0, 1, 5, 1));
  plot.line({{0, 0}, {1, 1}}, "line faint");
  curves(plot, e, "roc_auc", [](const Summary& s) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < s.roc->fpr.size(); ++i) points.push_back({s.roc->fpr[i], s.roc->tpr[i]});
    return points;
  });
  const double eer = *e.all.summary.metric("eer_interpolated").value;
  plot.dot({eer, 1 - eer}, 4, "s0");
  plot.text({eer, 1 - eer}, 8, 14, "EER " + fixed(eer, 3), "small");
  return plot.svg();
}

std::string precision_recall_plot(const Evaluation& e) {
  const std::string title = "Precision and recall";
  if (!e.all.summary.precision_recall) return charts::no_drawing(title, why_no_curve(e));
  Plot plot(title, "Of those called fake, the share of fakes, against the share of fakes found",
            Axis::even("fakes found (recall)", 0, 1, 5, 1),
            Axis::even("right among those called fake (precision)", 0, 1, 5, 1));
  const double base = static_cast<double>(e.all.summary.fake) / static_cast<double>(e.all.summary.count);
  plot.line({{0, base}, {1, base}}, "line faint");
  curves(plot, e, "average_precision", [](const Summary& s) {
    // Between two thresholds the precision of the lower one holds: steps, as the average precision sums them.
    std::vector<Point> points;
    const auto& pr = *s.precision_recall;
    for (std::size_t i = 0; i < pr.recall.size(); ++i) {
      if (i > 0) points.push_back({pr.recall[i], pr.precision[i - 1]});
      points.push_back({pr.recall[i], pr.precision[i]});
    }
    return points;
  });
  return plot.svg();
}

std::string det_plot(const Evaluation& e) {
  const std::string title = "Detection error trade-off";
  if (!e.all.summary.roc) return charts::no_drawing(title, why_no_curve(e));
  static constexpr double least = 0.002;
  const auto scaled = [](double rate) { return normal_quantile(std::clamp(rate, least, 1 - least)); };
  Axis x{.title = "genuine pictures called fake (FPR)", .low = scaled(least), .high = scaled(1 - least), .marks = {}};
  for (const auto& [rate, text] : {std::pair{0.005, "0.5 %"},
                                   {0.02, "2"},
                                   {0.05, "5"},
                                   {0.1, "10"},
                                   {0.2, "20"},
                                   {0.4, "40"},
                                   {0.6, "60"},
                                   {0.8, "80"},
                                   {0.95, "95"}})
    x.marks.push_back(Axis::Mark{scaled(rate), text});
  Axis y = x;
  y.title = "fakes called genuine (FNR)";
  Plot plot(title, "Both error rates on normal deviates", x, y);
  plot.line({{x.low, x.low}, {x.high, x.high}}, "line faint");
  curves(plot, e, "eer_interpolated", [&](const Summary& s) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < s.roc->fpr.size(); ++i)
      points.push_back(Point{scaled(s.roc->fpr[i]), scaled(1 - s.roc->tpr[i])});
    return points;
  });
  return plot.svg();
}

std::string histogram_plot(const Evaluation& e) {
  const std::string title = "Scores";
  constexpr std::size_t bins = 40;
  if (e.all.summary.count == 0) return charts::no_drawing(title, "there are no scores");
  const auto shares = [](const std::vector<double>& scores) {
    std::array<double, bins> counts{};
    for (const double score : scores)
      counts[std::min(bins - 1, static_cast<std::size_t>(std::clamp(score, 0.0, 1.0) * bins))] += 1;
    for (double& count : counts) count /= std::max<double>(1, static_cast<double>(scores.size()));
    return counts;
  };
  const auto real = shares(e.all.real_scores), fake = shares(e.all.fake_scores);
  const double most = std::max(std::ranges::max(real), std::ranges::max(fake));
  Plot plot(title, "Distribution of the scores of genuine pictures and fakes",
            Axis::even("score (probability of fake)", 0, 1, 5, 1), Axis::even("share of the class", 0, most, 4, 2));
  for (std::size_t i = 0; i < bins; ++i) {
    const double from = static_cast<double>(i) / bins, to = static_cast<double>(i + 1) / bins;
    if (real[i] > 0) plot.area({from, 0}, {to, real[i]}, "bar real");
    if (fake[i] > 0) plot.area({from, 0}, {to, fake[i]}, "bar fake");
  }
  const double threshold = e.options.summary.threshold;
  plot.line({{threshold, 0}, {threshold, most}}, "line dash s0");
  plot.legend("real", "genuine, " + std::to_string(e.all.real_scores.size()));
  plot.legend("fake", "fake, " + std::to_string(e.all.fake_scores.size()));
  plot.legend("s0", "threshold " + fixed(threshold, 2) + " (dashed)");
  if (const auto eer = e.all.summary.metric("eer_nearest_threshold").value; eer && *eer <= 1) {
    plot.line({{*eer, 0}, {*eer, most}}, "line dash s3");
    plot.legend("s3", "threshold of equal errors, " + fixed(*eer, 3));
  }
  return plot.svg();
}

std::string reliability_plot(const Evaluation& e) {
  const std::string title = "Reliability";
  if (e.all.summary.count == 0) return charts::no_drawing(title, "there are no scores");
  Plot plot(title, "Share of fakes among pictures with about the same score; calibrated scores lie on the diagonal",
            Axis::even("mean score in the bin", 0, 1, 5, 1), Axis::even("share of fakes in the bin", 0, 1, 5, 1));
  plot.line({{0, 0}, {1, 1}}, "line faint");
  const auto bins = [&](const Summary& summary, const std::string& css) {
    std::vector<Point> points;
    for (const metrics::Bin& bin : summary.reliability) {
      if (bin.count == 0) continue;
      points.push_back({bin.mean_score, bin.fake_share});
      const double share = static_cast<double>(bin.count) / static_cast<double>(summary.count);
      plot.dot(points.back(), 3 + 12 * std::sqrt(share), css + " soft");
    }
    plot.line(points, "line " + css);
  };
  bins(e.all.summary, "s0");
  plot.legend("s0", "dots' area: pictures in the bin; ECE " + value(e.all.summary, "ece_positive"));
  if (e.calibrated) {
    bins(*e.calibrated, "s2");
    plot.legend("s2", "calibrated, ECE " + value(*e.calibrated, "ece_positive"));
  }
  return plot.svg();
}

std::string confusion_plot(const Evaluation& e) {
  const std::string title = "Decisions at " + fixed(e.options.summary.threshold, 2);
  const metrics::Confusion& c = e.all.summary.confusion;
  if (c.total() == 0) return charts::no_drawing(title, "there are no scores");
  Axis x{.title = "called", .low = 0, .high = 2, .marks = {{0.5, "genuine"}, {1.5, "fake"}}};
  Axis y{.title = "is", .low = 0, .high = 2, .marks = {{0.5, "fake"}, {1.5, "genuine"}}};
  Plot plot(title, "Confusion matrix", x, y);
  const auto cell = [&](double column, double row, double count, double of, const char* css) {
    plot.area({column + 0.02, row + 0.02}, {column + 0.98, row + 0.98}, std::string("cell ") + css);
    plot.text({column + 0.5, row + 0.5}, 0, 2, fixed(count, 0), "count middle");
    if (of > 0) plot.text({column + 0.5, row + 0.5}, 0, 22, fixed(100 * count / of, 1) + " %", "small middle");
  };
  const double real = c.true_negative + c.false_positive, fake = c.true_positive + c.false_negative;
  cell(0, 1, c.true_negative, real, "right");
  cell(1, 1, c.false_positive, real, "wrong");
  cell(0, 0, c.false_negative, fake, "wrong");
  cell(1, 0, c.true_positive, fake, "right");
  return plot.svg();
}

std::string dataset_plot(const Evaluation& e) {
  const std::string title = "AUC by data set, with 95 % interval";
  std::vector<const Part*> parts;
  for (const Part& part : e.datasets)
    if (part.summary.roc && parts.size() < 12) parts.push_back(&part);
  if (parts.empty()) return charts::no_drawing(title, "no data set has both classes");
  if (e.datasets.size() > 1) parts.push_back(&e.all);
  std::ranges::reverse(parts);
  Axis y{.title = "", .low = 0, .high = static_cast<double>(parts.size()), .marks = {}};
  Plot plot(title, "Area under the ROC curve of each data set", Axis::even("ROC-AUC", 0, 1, 5, 1), y);
  plot.line({{0.5, 0}, {0.5, y.high}}, "line dash faint");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto row = static_cast<double>(i);
    const metrics::Metric& auc = parts[i]->summary.metric("roc_auc");
    plot.area({0, row + 0.25}, {*auc.value, row + 0.6}, parts[i] == &e.all ? "bar s0" : "bar s1");
    if (auc.interval)
      plot.line({{auc.interval->low, row + 0.425}, {auc.interval->high, row + 0.425}}, "line strong ink");
    plot.text({0, row + 0.6}, 4, -5, parts[i]->name + "  " + fixed(*auc.value, 3), "small");
  }
  return plot.svg();
}

}  // namespace dfpipe::evaluation
