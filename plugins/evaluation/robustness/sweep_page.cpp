#include <algorithm>
#include <cmath>
#include <map>

#include "charts/page.hpp"
#include "charts/svg.hpp"
#include "report/cells.hpp"
#include "robustness/sweep.hpp"

namespace dfpipe::evaluation {
namespace {

using charts::Axis;
using charts::escaped;
using charts::fixed;
using charts::Plot;
using charts::Point;

struct Family {
  Degradation::Kind kind;
  const char* title;
  const char* axis;
};
constexpr Family families[] = {
    {Degradation::Kind::jpeg, "JPEG", "quality, stronger to the right"},
    {Degradation::Kind::blur, "Blur", "sigma in pixels"},
    {Degradation::Kind::resize, "Resizing there and back", "shorter side in pixels, smaller to the right"},
    {Degradation::Kind::noise, "Noise", "sigma, of 1.0 = 255"},
};

/// Whether a smaller number is the stronger degradation.
bool falls(Degradation::Kind kind) { return kind == Degradation::Kind::jpeg || kind == Degradation::Kind::resize; }

std::string plain_number(double value) {
  std::string text = fixed(value, 2);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

/// The strengths of a kind from weak to strong: they are set in equal steps on the axis, after "none".
std::vector<double> strengths_of(const Sweep& sweep, Degradation::Kind kind) {
  std::vector<double> out;
  for (const SweptSetting& one : sweep.settings)
    if (one.degradation.kind == kind && std::ranges::find(out, one.degradation.strength) == out.end())
      out.push_back(one.degradation.strength);
  std::ranges::sort(out);
  if (falls(kind)) std::ranges::reverse(out);
  return out;
}

const SweptSetting* without_any(const Sweep& sweep) {
  const auto found = std::ranges::find(sweep.settings, Degradation::Kind::none,
                                       [](const SweptSetting& one) { return one.degradation.kind; });
  return found == sweep.settings.end() ? nullptr : &*found;
}

/// One line: its points from weak to strong, with their intervals.
void draw(Plot& plot, const std::vector<std::pair<double, const SweptSetting*>>& line, const std::string& css,
          double shift) {
  std::vector<Point> points;
  for (const auto& [x, setting] : line) {
    const metrics::Metric& auc = setting->summary.metric("roc_auc");
    if (!auc.value) continue;
    points.push_back({x + shift, *auc.value});
    plot.dot(points.back(), 3, css);
    if (auc.interval) plot.line({{x + shift, auc.interval->low}, {x + shift, auc.interval->high}}, "line soft " + css);
  }
  plot.line(points, "line " + css);
}

std::string drawing(const Sweep& sweep, const Family& family) {
  const std::vector<double> strengths = strengths_of(sweep, family.kind);
  if (strengths.empty()) return "";
  const SweptSetting* const clean = without_any(sweep);
  Axis x{.title = family.axis, .low = -0.4, .high = static_cast<double>(strengths.size()) + 0.4, .marks = {}};
  if (clean) x.marks.push_back({0, "none"});
  for (std::size_t i = 0; i < strengths.size(); ++i)
    x.marks.push_back({static_cast<double>(i + 1), plain_number(strengths[i])});
  Plot plot(family.title, std::string("ROC-AUC against strength: ") + family.title, x,
            Axis::even("ROC-AUC, with 95 % interval", 0, 1, 5, 1));
  plot.line({{x.low, 0.5}, {x.high, 0.5}}, "line faint");

  std::map<std::string, std::vector<std::pair<double, const SweptSetting*>>> lines;  // by filter
  for (const SweptSetting& one : sweep.settings) {
    if (one.degradation.kind != family.kind) continue;
    auto& line = lines[one.degradation.filter];
    if (line.empty() && clean) line.emplace_back(0, clean);
    const auto at = std::ranges::find(strengths, one.degradation.strength) - strengths.begin();
    line.emplace_back(static_cast<double>(at + 1), &one);
  }
  bool any = false;
  std::size_t n = 0;
  for (auto& [filter, line] : lines) {
    std::ranges::sort(line);
    any |=
        std::ranges::any_of(line, [](const auto& p) { return p.second->summary.metric("roc_auc").value.has_value(); });
    const std::string css = "s" + std::to_string(1 + n % 7);
    // Beside each other, so that the intervals of several filters can be told apart.
    const double shift = (static_cast<double>(n) - (static_cast<double>(lines.size()) - 1) / 2) * 0.1;
    draw(plot, line, css, shift);
    if (!filter.empty()) plot.legend(css, filter);
    ++n;
  }
  if (!any) return charts::no_drawing(family.title, sweep.settings.front().summary.metric("roc_auc").why);
  return plot.svg();
}

std::string signed_number(const std::optional<double>& value) {
  if (!value) return "–";
  return (*value > 0 ? "−" : *value < 0 ? "+" : "") + fixed(std::abs(*value), 4);
}

std::string table(const Sweep& sweep) {
  std::string out =
      "<div class=\"scroll\"><table><tr><th>degradation</th><th>genuine, fake</th><th>ROC-AUC</th><th>change</th>"
      "<th>EER</th><th>accuracy</th><th>mean score, genuine</th><th>mean score, fake</th></tr>\n";
  for (const SweptSetting& one : sweep.settings) {
    const auto mean = [](const std::optional<double>& value) { return value ? fixed(*value, 3) : std::string("–"); };
    out += "<tr><td>" + escaped(name_of(one.degradation)) + "</td><td>" + std::to_string(one.summary.real) + ", " +
           std::to_string(one.summary.fake) + "</td><td>" + metric_cell(one.summary.metric("roc_auc")) + "</td><td>" +
           signed_number(one.auc_drop) + "</td><td>" + metric_cell(one.summary.metric("eer_interpolated")) +
           "</td><td>" + metric_cell(one.summary.metric("accuracy")) + "</td><td>" + mean(one.mean_real) + "</td><td>" +
           mean(one.mean_fake) + "</td></tr>\n";
  }
  return out + "</table></div>\n";
}

}  // namespace

std::string sweep_page(const Sweep& sweep) {
  std::string out = "<p class=\"lead\">" + std::to_string(sweep.pictures) +
                    " pictures; each face's crop is degraded, then judged as always. The first row is without any "
                    "degradation.</p>\n" +
                    charts::notes(sweep.notes);
  out += "<div class=\"plots\">\n";
  for (const Family& family : families) out += drawing(sweep, family);
  out += "</div>\n<h2>Numbers</h2>\n" + table(sweep) + "<h2>Made from</h2>\n" +
         facts_table(sweep.options.model, sweep.options.data, sweep.options.summary, sweep.options.several);
  return charts::page("Robustness", out);
}

}  // namespace dfpipe::evaluation
