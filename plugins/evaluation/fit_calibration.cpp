#include "fit_calibration.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "calibration.hpp"
#include "dfpipe/error.hpp"
#include "temperature.hpp"

namespace dfpipe::evaluation {
namespace {

std::string digits(double value, int count) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", count, value);
  return text;
}

/// How well probabilities at a temperature fit the labels.
std::map<std::string, double> fit_of(const CalibrationPictures& pictures, double temperature, std::size_t bins) {
  std::vector<double> scores;
  scores.reserve(pictures.log_odds.size());
  for (const double odds : pictures.log_odds) scores.push_back(metrics::probability_at(odds, temperature));
  const auto& labels = pictures.labels;
  return {{"log_loss", metrics::log_loss_at(labels, pictures.log_odds, temperature)},
          {"brier", metrics::brier(labels, scores)},
          {"ece_positive", metrics::calibration_error(metrics::reliability(labels, scores, bins))},
          {"ece_top_label", metrics::calibration_error(metrics::top_label_reliability(labels, scores, bins))}};
}

std::optional<std::pair<double, double>> interval_of(const CalibrationPictures& pictures,
                                                     const metrics::BootstrapOptions& options) {
  const auto found = metrics::bootstrap(pictures.groups, options, [&](std::span<const std::uint32_t> weights) {
    const metrics::TemperatureFit fit = metrics::fit_temperature(pictures.labels, pictures.log_odds, weights);
    return std::vector<std::optional<double>>{
        fit.end == metrics::TemperatureEnd::undetermined ? std::nullopt : std::optional(fit.temperature)};
  });
  if (!found.front()) return std::nullopt;
  return std::pair(found.front()->low, found.front()->high);
}

std::string rule_text(const CalibrationOptions& options) {
  switch (options.rule) {
    case metrics::ThresholdRule::equal_errors:
      return "equal errors";
    case metrics::ThresholdRule::balanced_accuracy:
      return "largest balanced accuracy";
    case metrics::ThresholdRule::false_alarms:
      break;
  }
  return "at most " + digits(options.most_false_alarms, 6) + " false alarms";
}

/// What a reader must know.
std::vector<std::string> notes(const detector::Calibration& c, metrics::TemperatureEnd end,
                               const CalibrationOptions& options) {
  std::vector<std::string> out;
  if (const auto trained = options.model.find("trained"); trained != options.model.end() && trained->second == "false")
    out.push_back("The model '" + c.model + "' is not trained. A calibration gives its scores no meaning.");
  switch (end) {
    case metrics::TemperatureEnd::optimum:
      break;
    case metrics::TemperatureEnd::least:
      out.push_back(
          "The temperature is held at its lower bound, " + digits(c.temperature, 6) +
          ": the surer, the better on these pictures. When every picture is on its right side of 0.5 there is "
          "no optimum; fit on more pictures.");
      break;
    case metrics::TemperatureEnd::most:
      out.push_back("The temperature is held at its upper bound, " + digits(c.temperature, 6) +
                    ": on these pictures the scores hinder more than they help.");
      break;
    case metrics::TemperatureEnd::undetermined:
      out.push_back("Every score is 0.5: there is nothing to fit, and the temperature is 1.");
      break;
  }
  if (options.rule == metrics::ThresholdRule::false_alarms &&
      options.most_false_alarms * static_cast<double>(c.real) < 1)
    out.push_back("A share of " + digits(options.most_false_alarms, 6) + " is less than one of " +
                  std::to_string(c.real) +
                  " genuine pictures: none of them is called fake, and how rare false alarms "
                  "are cannot be told.");
  if (c.fakes_found == 0) out.push_back("The threshold lies above every score: no fake is found.");
  if (c.pictures > c.real + c.fake)
    out.push_back(std::to_string(c.pictures - c.real - c.fake) + " of " + std::to_string(c.pictures) +
                  " pictures have no score and play no part.");
  return out;
}

}  // namespace

void CalibrationPictures::add(const Sample& sample, std::optional<double> odds) {
  ++pictures;
  if (!odds) return;
  labels.push_back(sample.label);
  log_odds.push_back(*odds);
  groups.push_back(numbers_.of(sample));
}

detector::Calibration fit_calibration(const CalibrationPictures& pictures, const CalibrationOptions& options) {
  const auto fakes = std::ranges::count(pictures.labels, 1);
  const auto real = static_cast<std::int64_t>(pictures.labels.size()) - fakes;
  const auto curve = metrics::roc_curve(metrics::Ranking(pictures.labels, pictures.log_odds).counts());
  if (!curve)
    throw Fatal("a temperature and a threshold need genuine pictures and fakes with a score; of " +
                std::to_string(pictures.pictures) + " pictures there are " + std::to_string(real) + " and " +
                std::to_string(fakes));
  const metrics::TemperatureFit fit = metrics::fit_temperature(pictures.labels, pictures.log_odds);
  const metrics::ChosenThreshold chosen = metrics::choose_threshold(*curve, options.rule, options.most_false_alarms);

  detector::Calibration out;
  out.model = options.model.contains("model") ? options.model.at("model") : "";
  out.model_sha256 = options.model.at("sha256");
  out.temperature = fit.temperature;
  out.temperature_interval = interval_of(pictures, options.bootstrap);
  out.threshold = metrics::probability_at(chosen.score, fit.temperature);
  out.raw_threshold = metrics::probability_at(chosen.score, 1);
  out.rule = rule_text(options);
  out.false_alarms = chosen.fpr;
  out.fakes_found = chosen.tpr;
  out.pictures = static_cast<std::int64_t>(pictures.pictures);
  out.real = real;
  out.fake = fakes;
  out.groups = static_cast<std::int64_t>(std::ranges::max(pictures.groups)) + 1;
  out.data = options.data;
  out.before = fit_of(pictures, 1, options.bins);
  out.after = fit_of(pictures, fit.temperature, options.bins);
  out.notes = notes(out, fit.end, options);
  return out;
}

std::string sentence_of(const detector::Calibration& c) {
  std::string out = "temperature " + digits(c.temperature, 4);
  if (c.temperature_interval)
    out += " (95 %: " + digits(c.temperature_interval->first, 4) + " to " + digits(c.temperature_interval->second, 4) +
           ")";
  return out + ", threshold " + digits(c.threshold, 4) + "; log loss " + digits(c.before.at("log_loss"), 4) +
         " before, " + digits(c.after.at("log_loss"), 4) + " after, on " + std::to_string(c.real + c.fake) +
         " pictures";
}

}  // namespace dfpipe::evaluation
