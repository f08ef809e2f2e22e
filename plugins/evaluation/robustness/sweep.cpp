#include "robustness/sweep.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>

namespace dfpipe::evaluation {
namespace {

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::optional<double> mean_of(const metrics::Samples& samples, std::int64_t label) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < samples.labels.size(); ++i)
    if (samples.labels[i] == label) {
      sum += samples.scores[i];
      count += 1;
    }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

std::vector<std::string> notes_of(const Sweep& sweep) {
  std::vector<std::string> out;
  if (const auto trained = sweep.options.model.find("trained");
      trained != sweep.options.model.end() && trained->second == "false")
    out.push_back("The model '" + sweep.options.model.at("model") +
                  "' is not trained. Its scores say nothing about any picture.");
  if (sweep.settings.empty()) out.push_back("No picture has a score.");
  if (sweep.not_swept > 0)
    out.push_back(std::to_string(sweep.not_swept) + " of " + std::to_string(sweep.pictures) +
                  " pictures have no face or could not be read, and are left out of every number.");
  std::size_t most = 0;
  for (const SweptSetting& one : sweep.settings) most = std::max(most, one.not_scored);
  if (most > 0)
    out.push_back(
        "Up to " + std::to_string(most) +
        " pictures have no score at one setting or another and are left out there: the settings' numbers then "
        "come from different pictures.");
  if (!sweep.settings.empty()) {
    const metrics::Summary& clean = sweep.settings.front().summary;
    if (clean.count > 0 && (clean.real == 0 || clean.fake == 0))
      out.push_back("There is one class only: nothing that compares fakes with genuine pictures can be computed.");
    if (clean.groups == clean.count && clean.count > 0)
      out.push_back(
          "Each picture counts as a group of its own. If several show one person or video, the intervals are "
          "too narrow.");
    const auto worst =
        std::ranges::max_element(sweep.settings, {}, [](const SweptSetting& one) { return one.auc_drop.value_or(-1); });
    if (worst->auc_drop && *worst->auc_drop > 0)
      out.push_back("The AUC falls most, by " + two_digits(*worst->auc_drop) + ", with '" +
                    name_of(worst->degradation) + "'.");
  }
  return out;
}

}  // namespace

void SweepCollector::add(const SweptPicture& picture) {
  ++pictures_;
  if (picture.settings.empty()) {
    ++not_swept_;
    return;
  }
  if (settings_.empty()) settings_ = picture.settings;
  if (picture.settings != settings_)
    throw std::runtime_error("picture " + std::to_string(picture.index) + " was swept with other settings");
  rows_.push_back({picture.sample.label, groups_.of(picture.sample), picture.scores});
}

SweptSetting SweepCollector::of(std::size_t setting, const metrics::SummaryOptions& options) const {
  metrics::Samples samples;
  std::map<std::size_t, std::size_t> numbers;  // without gaps among those that have a score here
  SweptSetting out;
  out.degradation = settings_[setting];
  for (const Row& row : rows_) {
    if (!row.scores[setting]) {
      ++out.not_scored;
      continue;
    }
    samples.labels.push_back(row.label);
    samples.scores.push_back(*row.scores[setting]);
    samples.groups.push_back(numbers.try_emplace(row.group, numbers.size()).first->second);
  }
  out.summary = metrics::summarise(samples, options);
  out.mean_real = mean_of(samples, 0);
  out.mean_fake = mean_of(samples, 1);
  return out;
}

Sweep SweepCollector::finish(SweepOptions options) const {
  Sweep out;
  out.options = std::move(options);
  out.pictures = pictures_;
  out.not_swept = not_swept_;
  for (std::size_t k = 0; k < settings_.size(); ++k) {
    out.settings.push_back(of(k, out.options.summary));
    const auto clean = out.settings.front().summary.metric("roc_auc").value;
    const auto now = out.settings.back().summary.metric("roc_auc").value;
    if (clean && now && settings_.front().kind == Degradation::Kind::none) out.settings.back().auc_drop = *clean - *now;
  }
  out.notes = notes_of(out);
  return out;
}

}  // namespace dfpipe::evaluation
