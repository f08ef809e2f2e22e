#include "plots.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/page.hpp"
#include "charts/svg.hpp"
#include "series.hpp"

namespace dfpipe::training {
namespace {

using charts::Axis;
using charts::fixed;
using charts::Plot;
using charts::Point;

constexpr std::size_t most_points = 300;  // as many as the drawing has pixels
constexpr std::size_t most_lines = 7;     // classes s1 to s7 of the style sheet; s0 is for all pictures
constexpr double smoothing_share = 0.02;  // of the run's steps

const char* const no_steps = "no step has been made yet";
const char* const no_validation = "no epoch has been validated on pictures of both classes yet";

Axis steps_axis(const History& history) {
  std::int64_t last = 1;
  for (const StepRecord& r : history.steps) last = std::max(last, r.step);
  for (const EpochRecord& r : history.epochs) last = std::max(last, r.step);
  return Axis::round("step", 0, static_cast<double>(last));
}

template <class Record, class Value>
std::vector<Point> points_of(const std::vector<Record>& records, const Value& value) {
  std::vector<Point> points;
  for (const Record& r : records) points.push_back({static_cast<double>(r.step), value(r)});
  return points;
}

double known(const std::optional<double>& value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

double highest(const std::vector<Point>& points) {
  double most = 0;
  for (const Point& p : points) most = std::max(most, p.y);
  return most;
}

/// 0 to a little above the highest value; 0 to 1 when all are 0.
Axis from_zero(std::string title, double most) { return Axis::round(std::move(title), 0, most > 0 ? 1.05 * most : 1); }

/// A line with a dot for each epoch, as long as the dots do not become a band. `css` is s0 to s7.
void epochs_line(Plot& plot, const std::vector<Point>& points, const std::string& css) {
  const std::vector<Point> drawn = thinned(points, most_points);
  plot.line(drawn, (css == "s0" ? "line strong " : "line ") + css);
  if (drawn.size() <= 40)
    for (const Point& p : drawn) plot.dot(p, 2.5, css);
}

/// The one series of a plot, by steps. `unit` may be empty: it would stand on labels as long as "0.00015".
std::string single(const std::string& title, const std::string& about, const std::string& unit, const History& history,
                   const std::vector<Point>& points) {
  if (points.empty()) return charts::no_drawing(title, no_steps);
  Plot plot(title, about, steps_axis(history), from_zero(unit, highest(points)));
  plot.line(points, "line s1");
  if (points.size() == 1) plot.dot(points.front(), 2.5, "s1");
  return plot.svg();
}

/// Steps side by side: what they have in sum.
struct Stretch {
  double step = 0, images = 0, seconds = 0, data_wait = 0;
};

/// At most `most_points` stretches, those without a known time left out.
std::vector<Stretch> stretches(const std::vector<StepRecord>& steps) {
  std::vector<Stretch> all;
  const std::size_t count = std::min(steps.size(), most_points);
  for (std::size_t i = 0; i < count; ++i) {
    Stretch sum;
    for (std::size_t k = steps.size() * i / count; k < steps.size() * (i + 1) / count; ++k) {
      if (!std::isfinite(steps[k].seconds) || !std::isfinite(steps[k].data_wait)) continue;
      sum.step = static_cast<double>(steps[k].step);
      sum.images += static_cast<double>(steps[k].images);
      sum.seconds += steps[k].seconds;
      sum.data_wait += steps[k].data_wait;
    }
    if (sum.seconds > 0) all.push_back(sum);
  }
  return all;
}

}  // namespace

const EpochRecord* best_epoch(const History& history) {
  const EpochRecord* best = nullptr;
  for (const EpochRecord& r : history.epochs)
    if (r.best && r.val_auc) best = &r;
  return best;
}

std::string loss_plot(const History& history) {
  const std::string title = "Loss";
  if (history.steps.empty()) return charts::no_drawing(title, no_steps);
  const auto total = points_of(history.steps, [](const StepRecord& r) { return r.loss; });
  const double span = std::max(1.0, smoothing_share * static_cast<double>(total.size()));
  const auto smooth = [&](const std::vector<Point>& points) { return thinned(smoothed(points, span), most_points); };
  const auto sum = smooth(total),
             supcon = smooth(points_of(history.steps, [](const StepRecord&r) { return r.supcon; })),
             ce = smooth(points_of(history.steps, [](const StepRecord&r) { return r.ce; }));
  const auto validation =
      thinned(points_of(history.epochs, [](const EpochRecord& r) { return known(r.val_loss); }), most_points);
  const double most = std::max({highest(sum), highest(supcon), highest(ce), highest(validation)});
  const Axis y = from_zero("loss", most);

  Plot plot(title, "Training loss and its parts by step, and the validation loss of each epoch", steps_axis(history),
            y);
  std::vector<Point> raw = thinned(total, most_points);
  for (Point& p : raw) p.y = std::min(p.y, y.high);
  plot.line(raw, "line soft s0");
  plot.line(sum, "line strong s0");
  plot.legend("s0", "training, over " + fixed(span, 0) + (span < 1.5 ? " step" : " steps") + " (pale: as it was)");
  plot.line(supcon, "line s1");
  plot.legend("s1", "SupCon");
  plot.line(ce, "line s3");
  plot.legend("s3", "cross-entropy");
  if (!validation.empty()) {
    epochs_line(plot, validation, "s2");
    plot.legend("s2", "validation");
  }
  return plot.svg();
}

std::string auc_plot(const History& history) {
  const std::string title = "Validation AUC";
  const auto all = points_of(history.epochs, [](const EpochRecord& r) { return known(r.val_auc); });
  const auto drawn = thinned(all, most_points);
  if (drawn.empty()) return charts::no_drawing(title, no_validation);
  std::map<std::string, std::vector<Point>> by_dataset;
  double least = std::ranges::min(drawn, {}, &Point::y).y;
  for (const EpochRecord& r : history.epochs)
    for (const auto& [name, auc] : r.val_auc_by_dataset) {
      if (!std::isfinite(auc)) continue;
      by_dataset[name].push_back({static_cast<double>(r.step), auc});
      least = std::min(least, auc);
    }
  const double low = std::clamp(std::floor(10 * least) / 10, 0.0, 0.9);
  Plot plot(title, "Area under the ROC curve of the validation pictures after each epoch", steps_axis(history),
            Axis::round("ROC-AUC", low, 1));
  if (low <= 0.5) plot.line({{0, 0.5}, {steps_axis(history).high, 0.5}}, "line dash faint");
  if (by_dataset.size() > 1) {
    std::size_t line = 0;
    for (const auto& [name, points] : by_dataset) {
      if (++line > most_lines) break;
      epochs_line(plot, points, "s" + std::to_string(line));
      plot.legend("s" + std::to_string(line), name + ", last " + fixed(points.back().y, 3));
    }
  }
  epochs_line(plot, all, "s0");
  std::string all_pictures = "all pictures, last " + fixed(drawn.back().y, 3);
  if (const EpochRecord* best = best_epoch(history)) {
    plot.dot({static_cast<double>(best->step), *best->val_auc}, 5, "s0");
    all_pictures += ", best " + fixed(*best->val_auc, 3) + " (large dot)";
  }
  plot.legend("s0", all_pictures);
  return plot.svg();
}

std::string learning_rate_plot(const History& history) {
  return single("Learning rate", "Learning rate of each step", "", history,
                thinned(points_of(history.steps, [](const StepRecord& r) { return r.lr; }), most_points));
}

std::string throughput_plot(const History& history) {
  std::vector<Point> points;
  for (const Stretch& s : stretches(history.steps)) points.push_back({s.step, s.images / s.seconds});
  return single("Throughput", "Pictures trained on in a second", "images/s", history, points);
}

std::string data_wait_plot(const History& history) {
  std::vector<Point> points;
  for (const Stretch& s : stretches(history.steps)) points.push_back({s.step, 100 * s.data_wait / s.seconds});
  return single("Waiting for data", "Per cent of the time in which steps waited for their batches", "% of the time",
                history, points);
}

}  // namespace dfpipe::training
