#include "page.hpp"

#include <algorithm>

#include "cells.hpp"
#include "charts/page.hpp"
#include "charts/svg.hpp"
#include "plots.hpp"

namespace dfpipe::evaluation {
namespace {

using charts::escaped;
using charts::fixed;
using metrics::Metric;
using metrics::Summary;

constexpr std::size_t most_listed = 200;  // pictures without a score; scores.csv has all

std::string card(const std::string& title, const Metric& metric) {
  std::string below = title;
  if (metric.interval) below += ", 95 %: " + fixed(metric.interval->low, 3) + " to " + fixed(metric.interval->high, 3);
  return "<div class=\"card\"><b>" + (metric.value ? fixed(*metric.value, 3) : "–") + "</b><span>" + escaped(below) +
         "</span></div>\n";
}

/// The metrics' names for people, in the order of the table.
struct Named {
  const char* metric;
  const char* name;
};
constexpr Named rows[] = {
    {"roc_auc", "ROC-AUC"},
    {"average_precision", "average precision"},
    {"eer_interpolated", "EER, interpolated"},
    {"eer_nearest", "EER, nearest point"},
    {"eer_nearest_threshold", "threshold of the nearest point"},
    {"eer_thinned", "EER, nearest point of the thinned curve (as the original detector)"},
    {"tpr_at_fpr_0.01", "fakes found at 1 % false alarms"},
    {"tpr_at_fpr_0.05", "fakes found at 5 % false alarms"},
    {"accuracy", "accuracy"},
    {"balanced_accuracy", "balanced accuracy"},
    {"precision", "precision of “fake”"},
    {"recall", "recall of “fake”"},
    {"real_recall", "recall of “genuine”"},
    {"f1", "F1 of “fake”"},
    {"matthews", "Matthews’ correlation"},
    {"brier", "Brier score"},
    {"log_loss", "log loss"},
    {"ece_positive", "calibration error of the probability"},
    {"ece_top_label", "calibration error of the class called"},
};

std::string metric_table(const Evaluation& e) {
  std::vector<std::pair<std::string, const Summary*>> columns{{"all pictures", &e.all.summary}};
  if (e.by_group) columns.emplace_back("by group (mean)", &*e.by_group);
  if (e.calibrated)
    columns.emplace_back("calibrated, at " + fixed(*e.options.calibrated_threshold(), 3), &*e.calibrated);
  if (e.datasets.size() > 1)
    for (const Part& part : e.datasets) columns.emplace_back(part.name, &part.summary);
  std::string out = "<div class=\"scroll\"><table><tr><th></th>";
  for (const auto& [name, summary] : columns) out += "<th>" + escaped(name) + "</th>";
  out += "</tr>\n<tr><td>genuine, fake, groups</td>";
  for (const auto& [name, summary] : columns)
    out += "<td>" + std::to_string(summary->real) + ", " + std::to_string(summary->fake) + ", " +
           std::to_string(summary->groups) + "</td>";
  out += "</tr>\n";
  for (const Named& row : rows) {
    out += "<tr><td>" + std::string(row.name) + "</td>";
    for (const auto& [name, summary] : columns) out += "<td>" + metric_cell(summary->metric(row.metric)) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

/// Each data set against all others together.
std::string left_out_table(const Evaluation& e) {
  if (e.left_out.empty()) return "";
  std::string out =
      "<h2>Each data set against all others</h2>\n<p>One model, measured on each data set and on all others pooled: "
      "nothing was trained again. How a model does on data of a kind it has never seen is told by training without a "
      "data set and evaluating on it.</p>\n<div class=\"scroll\"><table><tr><th>data set</th><th>genuine, "
      "fake</th><th>ROC-AUC on it</th><th>ROC-AUC on all others</th><th>gap</th><th>EER on it</th><th>EER on all "
      "others</th></tr>\n";
  for (std::size_t i = 0; i < e.left_out.size(); ++i) {
    const Summary &one = e.datasets[i].summary, &others = e.left_out[i].others.summary;
    const auto& gap = e.left_out[i].auc_gap;
    out += "<tr><td class=\"wide\">" + escaped(e.left_out[i].dataset) + "</td><td>" + std::to_string(one.real) + ", " +
           std::to_string(one.fake) + "</td>";
    for (const Metric* metric : {&one.metric("roc_auc"), &others.metric("roc_auc")})
      out += "<td>" + metric_cell(*metric) + "</td>";
    out += "<td>" + (gap ? (*gap > 0 ? "+" : "") + fixed(*gap, 4) : "–") + "</td>";
    for (const Metric* metric : {&one.metric("eer_interpolated"), &others.metric("eer_interpolated")})
      out += "<td>" + metric_cell(*metric) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string threshold_table(const Summary& summary) {
  std::string out =
      "<div class=\"scroll\"><table><tr><th>threshold</th><th>accuracy</th><th>fakes found</th><th>genuine "
      "passed</th><th>right among called fake</th></tr>\n";
  for (const metrics::ThresholdRow& row : summary.table) {
    const auto accuracy = metrics::accuracy(row.confusion), real = metrics::real_recall(row.confusion);
    out += "<tr><td>" + fixed(row.threshold, 2) + "</td><td>" + (accuracy ? fixed(*accuracy, 4) : "–") + "</td><td>" +
           fixed(metrics::recall(row.confusion), 4) + "</td><td>" + (real ? fixed(*real, 4) : "–") + "</td><td>" +
           fixed(metrics::precision(row.confusion), 4) + "</td></tr>\n";
  }
  return out + "</table></div>\n";
}

std::string not_scored(const Evaluation& e) {
  if (e.not_scored.empty()) return "<p>Every picture has a score.</p>\n";
  std::string out = "<div class=\"scroll\"><table><tr><th>picture</th><th>data set</th><th>is</th><th>why</th></tr>\n";
  for (std::size_t i = 0; i < std::min(most_listed, e.not_scored.size()); ++i) {
    const ScoredPicture& p = e.not_scored[i];
    out += "<tr><td class=\"wide\">" + escaped(p.sample.path) + "</td><td>" + escaped(p.sample.dataset) + "</td><td>" +
           (p.sample.label == 1 ? "fake" : "genuine") + "</td><td class=\"wide\">" +
           escaped(p.problem.code + ": " + p.problem.message) + "</td></tr>\n";
  }
  out += "</table></div>\n";
  if (e.not_scored.size() > most_listed)
    out += "<p>and " + std::to_string(e.not_scored.size() - most_listed) + " more, in scores.csv.</p>\n";
  return out;
}

std::string fact(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() ? "" : found->second;
}

std::string lead(const Evaluation& e) {
  const std::string model = fact(e.options.model, "model"), hash = fact(e.options.model, "sha256");
  std::string out = "<p class=\"lead\">" + std::to_string(e.all.pictures) + " pictures, " +
                    std::to_string(e.all.summary.count) + " with a score";
  if (!model.empty())
    out +=
        "; model <b>" + escaped(model) + "</b>" + (fact(e.options.model, "trained") == "false" ? " (untrained)" : "");
  if (!hash.empty()) out += ", SHA-256 <code>" + escaped(hash.substr(0, 16)) + "…</code>";
  return out + "</p>\n";
}

}  // namespace

std::string report_page(const Evaluation& e) {
  std::string out = lead(e) + charts::notes(e.notes);
  const Summary& all = e.all.summary;
  out += "<div class=\"cards\">\n" + card("ROC-AUC", all.metric("roc_auc")) +
         card("EER, interpolated", all.metric("eer_interpolated")) + card("accuracy", all.metric("accuracy")) +
         card("fakes found at 5 % false alarms", all.metric("tpr_at_fpr_0.05")) + "</div>\n";
  if (const auto chance = e.all.chance())
    out += "<p class=\"lead\">Scores drawn at random would give an AUC between " + fixed(chance->low, 2) + " and " +
           fixed(chance->high, 2) + " on so many pictures (95 %).</p>\n";
  out += "<div class=\"plots\">\n" + roc_plot(e) + precision_recall_plot(e) + det_plot(e) + histogram_plot(e) +
         reliability_plot(e) + confusion_plot(e) + dataset_plot(e) + "</div>\n";
  out += "<h2>Numbers</h2>\n" + metric_table(e);
  if (e.auc_gap)
    out += "<p>AUC gap between the data sets: " + fixed(*e.auc_gap, 4) + "; the worst is " + escaped(e.worst_dataset) +
           ".</p>\n";
  out += left_out_table(e) + "<h2>Thresholds</h2>\n" + threshold_table(all) + "<h2>Pictures without a score</h2>\n" +
         not_scored(e) + "<h2>Made from</h2>\n" +
         facts_table(e.options.model, e.options.data, e.options.summary, e.options.several) +
         "<p class=\"soft-text\">Calibration errors: " + std::to_string(e.options.summary.bins) + " equal bins.</p>\n";
  return charts::page("Evaluation", out);
}

}  // namespace dfpipe::evaluation
