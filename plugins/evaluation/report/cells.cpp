#include "cells.hpp"

#include "charts/svg.hpp"

namespace dfpipe::evaluation {

using charts::escaped;
using charts::fixed;

std::string metric_cell(const metrics::Metric& metric) {
  if (!metric.value) return "<span class=\"soft-text\">none: " + escaped(metric.why) + "</span>";
  std::string out = fixed(*metric.value, 4);
  if (metric.interval)
    out += " <span class=\"soft-text\">" + fixed(metric.interval->low, 3) + " to " + fixed(metric.interval->high, 3) +
           "</span>";
  return out;
}

std::string facts_table(const Facts& model, const Facts& data, const metrics::SummaryOptions& options,
                        SeveralFaces several) {
  std::string out = "<div class=\"scroll\"><table>\n";
  const auto row = [&](const std::string& name, const std::string& text) {
    out += "<tr><td>" + escaped(name) + "</td><td class=\"wide\">" + escaped(text) + "</td></tr>\n";
  };
  for (const auto& [name, text] : model) row("model: " + name, text);
  for (const auto& [name, text] : data) row("data: " + name, text);
  row("threshold", fixed(options.threshold, 3));
  row("several faces in a picture", several == SeveralFaces::max ? "the highest score" : "the mean");
  row("intervals", "95 %, percentiles of " + std::to_string(options.bootstrap.replicates) +
                       " bootstrap samples by group, seed " + std::to_string(options.bootstrap.seed));
  return out + "</table></div>\n";
}

}  // namespace dfpipe::evaluation
