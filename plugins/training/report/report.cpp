#include "report.hpp"

#include <cmath>
#include <set>

#include "charts/page.hpp"
#include "charts/svg.hpp"
#include "plots.hpp"

namespace dfpipe::training {
namespace {

using charts::escaped;
using charts::fixed;

std::string number(double value, int digits) { return std::isfinite(value) ? fixed(value, digits) : "–"; }
std::string number(const std::optional<double>& value, int digits) { return value ? number(*value, digits) : "–"; }

std::string counted(std::int64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string card(const std::string& value, const std::string& below) {
  return "<div class=\"card\"><b>" + value + "</b><span>" + escaped(below) + "</span></div>\n";
}

/// Of the whole run.
struct Sums {
  std::int64_t images = 0;
  double seconds = 0, data_wait = 0;
};

Sums sums(const History& history) {
  Sums all;
  for (const StepRecord& r : history.steps) {
    if (!std::isfinite(r.seconds) || !std::isfinite(r.data_wait)) continue;
    all.images += r.images;
    all.seconds += r.seconds;
    all.data_wait += r.data_wait;
  }
  return all;
}

std::string lead(const Report& report) {
  const History& history = report.history;
  std::string out = "<p class=\"lead\">" + counted(static_cast<std::int64_t>(history.steps.size()), "step") + ", " +
                    counted(static_cast<std::int64_t>(history.epochs.size()), "epoch") + ", " +
                    counted(sums(history).images, "picture") + " in " + fixed(sums(history).seconds / 60, 1) +
                    " min of training.";
  if (const EpochRecord* best = best_epoch(history))
    out += " The best epoch is <b>" + std::to_string(best->epoch + 1) + "</b>, after step " +
           std::to_string(best->step) + ".";
  return out + "</p>\n";
}

std::vector<std::string> warnings(const Report& report) {
  std::vector<std::string> all = report.warnings;
  std::int64_t unknown = 0, first = 0, failed = 0;
  for (const StepRecord& r : report.history.steps)
    if (!std::isfinite(r.loss) && unknown++ == 0) first = r.step;
  if (unknown > 0)
    all.push_back("The loss of " + counted(unknown, "step") + " is no finite number, first that of step " +
                  std::to_string(first) + ".");
  for (const EpochRecord& r : report.history.epochs) failed += r.failed_samples;
  if (failed > 0)
    all.push_back(counted(failed, "sample") + " could not be used and fell out of " +
                  (failed == 1 ? "its batch." : "their batches."));
  if (!report.history.epochs.empty() && best_epoch(report.history) == nullptr)
    all.push_back("No epoch was validated on pictures of both classes, so none is the best.");
  return all;
}

std::string cards(const History& history) {
  const EpochRecord* best = best_epoch(history);
  const Sums all = sums(history);
  std::string out = "<div class=\"cards\">\n";
  if (best != nullptr)
    out += card(number(best->val_auc, 4), "ROC-AUC of the best epoch") + card(number(best->val_eer, 4), "its EER") +
           card(number(best->val_accuracy, 4), "its accuracy") + card(number(best->val_loss, 4), "its validation loss");
  if (all.seconds > 0)
    out += card(fixed(static_cast<double>(all.images) / all.seconds, 1), "images/s") +
           card(fixed(100 * all.data_wait / all.seconds, 1) + " %", "of the time waiting for data");
  return out + "</div>\n";
}

std::string epoch_table(const History& history) {
  if (history.epochs.empty()) return "<p>No epoch is complete yet.</p>\n";
  std::set<std::string> datasets;
  for (const EpochRecord& r : history.epochs)
    for (const auto& [name, auc] : r.val_auc_by_dataset) datasets.insert(name);
  std::string out =
      "<div class=\"scroll\"><table><tr><th>epoch</th><th>step</th><th>training loss</th><th>training "
      "accuracy</th><th>validation loss</th><th>AUC</th><th>accuracy</th><th>EER</th>";
  for (const std::string& name : datasets) out += "<th>AUC, " + escaped(name) + "</th>";
  out += "<th>failed samples</th><th>seconds</th></tr>\n";
  const EpochRecord* best = best_epoch(history);
  for (const EpochRecord& r : history.epochs) {
    const auto cell = [&](const std::string& text) { out += "<td>" + text + "</td>"; };
    out += "<tr>";
    const std::string place = std::to_string(r.epoch + 1);  // people count from 1
    cell(&r == best ? "<b>" + place + ", best</b>" : place);
    cell(std::to_string(r.step));
    cell(number(r.train_loss, 4));
    cell(number(r.train_accuracy, 4));
    cell(number(r.val_loss, 4));
    cell(number(r.val_auc, 4));
    cell(number(r.val_accuracy, 4));
    cell(number(r.val_eer, 4));
    for (const std::string& name : datasets) {
      const auto found = r.val_auc_by_dataset.find(name);
      cell(found == r.val_auc_by_dataset.end() ? "–" : number(found->second, 4));
    }
    cell(std::to_string(r.failed_samples));
    cell(number(r.seconds, 1));
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string settings_table(const Report& report) {
  std::string out = "<div class=\"scroll\"><table>\n";
  for (const auto& [name, text] : report.settings)
    out += "<tr><td>" + escaped(name) + "</td><td class=\"wide\">" + escaped(text) + "</td></tr>\n";
  return out + "</table></div>\n";
}

}  // namespace

std::string report_page(const Report& report) {
  const History& history = report.history;
  std::string out = lead(report) + charts::notes(warnings(report)) + cards(history) + "<div class=\"plots\">\n" +
                    loss_plot(history) + auc_plot(history) + learning_rate_plot(history) + throughput_plot(history) +
                    data_wait_plot(history) + "</div>\n<h2>Epochs</h2>\n" + epoch_table(history);
  if (!report.settings.empty()) out += "<h2>Made with</h2>\n" + settings_table(report);
  return charts::page("Training: " + report.name, out);
}

}  // namespace dfpipe::training
