#include "evaluation.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <tuple>

#include "group_numbers.hpp"

namespace dfpipe::evaluation {
namespace {

constexpr std::size_t few_groups = 30;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "none";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

/// Collects the pictures of a part.
struct Collector {
  Part part;
  metrics::Samples samples;
  GroupNumbers groups;

  void add(const ScoredPicture& picture) {
    const bool fake = picture.sample.label == 1;
    ++part.pictures;
    ++(fake ? part.fake : part.real);
    if (!picture.score) return;
    ++(fake ? part.fake_scored : part.real_scored);
    (fake ? part.fake_scores : part.real_scores).push_back(*picture.score);
    samples.labels.push_back(picture.sample.label);
    samples.scores.push_back(*picture.score);
    samples.groups.push_back(groups.of(picture.sample));
  }
  Part finish(const metrics::SummaryOptions& options) {
    part.summary = metrics::summarise(samples, options);
    return std::move(part);
  }
};

/// The mean score of each group; nothing when no group has two pictures.
std::optional<metrics::Summary> by_group(const std::vector<ScoredPicture>& pictures,
                                         const metrics::SummaryOptions& options) {
  struct Mean {
    double sum = 0;
    std::size_t count = 0;
  };
  std::map<std::tuple<std::string, std::string, std::int64_t>, Mean> means;
  metrics::Samples samples;
  GroupNumbers groups;
  Sample alone;
  const auto add = [&](const Sample& sample, double score) {
    samples.labels.push_back(sample.label);
    samples.scores.push_back(score);
    samples.groups.push_back(groups.of(sample));
  };
  for (const ScoredPicture& picture : pictures) {
    if (!picture.score) continue;
    const Sample& sample = picture.sample;
    if (sample.group.empty()) {
      add(sample, *picture.score);
      continue;
    }
    Mean& mean = means[{sample.dataset, sample.group, sample.label}];
    mean.sum += *picture.score;
    ++mean.count;
  }
  for (const auto& [key, mean] : means) {
    std::tie(alone.dataset, alone.group, alone.label) = key;
    add(alone, mean.sum / static_cast<double>(mean.count));
  }
  if (std::ranges::none_of(means, [](const auto& entry) { return entry.second.count > 1; })) return std::nullopt;
  return metrics::summarise(samples, options);
}

/// Nothing without a calibration, and where nothing has a calibrated score.
std::optional<metrics::Summary> calibrated(const std::vector<ScoredPicture>& pictures,
                                           const EvaluationOptions& options) {
  const auto threshold = options.calibrated_threshold();
  if (!threshold) return std::nullopt;
  metrics::Samples samples;
  GroupNumbers groups;
  for (const ScoredPicture& picture : pictures) {
    if (!picture.calibrated) continue;
    samples.labels.push_back(picture.sample.label);
    samples.scores.push_back(*picture.calibrated);
    samples.groups.push_back(groups.of(picture.sample));
  }
  if (samples.labels.empty()) return std::nullopt;
  metrics::SummaryOptions summary = options.summary;
  summary.threshold = *threshold;
  return metrics::summarise(samples, summary);
}

void compare_datasets(Evaluation& evaluation) {
  const Part *best = nullptr, *worst = nullptr;
  const auto auc = [](const Part& part) { return part.summary.metric("roc_auc").value; };
  std::size_t with_auc = 0;
  for (const Part& part : evaluation.datasets) {
    if (!auc(part)) continue;
    ++with_auc;
    if (!best || *auc(part) > *auc(*best)) best = &part;
    if (!worst || *auc(part) < *auc(*worst)) worst = &part;
  }
  if (with_auc < 2) return;
  evaluation.auc_gap = *auc(*best) - *auc(*worst);
  evaluation.worst_dataset = worst->name;
}

std::vector<LeftOut> left_out(const std::vector<ScoredPicture>& pictures, const std::vector<Part>& datasets,
                              metrics::SummaryOptions options) {
  if (datasets.size() < 2) return {};
  if (datasets.size() > most_left_out_intervals) options.bootstrap.replicates = 0;
  std::vector<LeftOut> out;
  for (const Part& one : datasets) {
    Collector others;
    for (const ScoredPicture& picture : pictures)
      if (picture.sample.dataset != one.name) others.add(picture);
    LeftOut row{.dataset = one.name, .others = others.finish(options), .auc_gap = {}};
    const auto alone = one.summary.metric("roc_auc").value, rest = row.others.summary.metric("roc_auc").value;
    if (alone && rest) row.auc_gap = *rest - *alone;
    out.push_back(std::move(row));
  }
  return out;
}

/// Sentences for the reader.
class Notes {
 public:
  explicit Notes(const Evaluation& evaluation) : evaluation_(evaluation), all_(evaluation.all) {}

  std::vector<std::string> write() {
    const Facts& model = evaluation_.options.model;
    if (const auto trained = model.find("trained"); trained != model.end() && trained->second == "false")
      say("The model '" + model.at("model") + "' is not trained. Its scores say nothing about any picture.");
    if (const auto caution = model.find("caution"); caution != model.end()) say("Of the model: " + caution->second);
    not_scored();
    classes();
    chance();
    groups();
    if (evaluation_.auc_gap && *evaluation_.auc_gap > notable_gap)
      say("The data sets' AUCs lie " + number(*evaluation_.auc_gap) + " apart; the worst is '" +
          evaluation_.worst_dataset + "'. Look at each, not at the pooled numbers alone.");
    return std::move(notes_);
  }

 private:
  void say(std::string sentence) { notes_.push_back(std::move(sentence)); }

  void not_scored() {
    const std::size_t real = all_.real - all_.real_scored, fake = all_.fake - all_.fake_scored;
    if (real + fake == 0) return;
    say(std::to_string(real + fake) + " of " + counted(all_.pictures, "picture") +
        " have no score and are left out of every number: " + percent(real, all_.real) + " of the genuine ones, " +
        percent(fake, all_.fake) + " of the fakes.");
  }
  void classes() {
    if (all_.real_scored + all_.fake_scored == 0)
      say("No picture has a score.");
    else if (all_.real_scored == 0 || all_.fake_scored == 0)
      say("There is one class only: nothing that compares fakes with genuine pictures can be computed.");
  }
  void chance() {
    const auto range = all_.chance();
    const auto auc = all_.summary.metric("roc_auc").value;
    if (range && auc && *auc >= range->low && *auc <= range->high)
      say("The AUC of " + number(*auc) + " is no better than chance, which gives " + number(range->low) + " to " +
          number(range->high) + " with so many pictures.");
  }
  void groups() {
    const std::size_t scored = all_.real_scored + all_.fake_scored, groups = all_.summary.groups;
    if (scored == 0) return;
    if (groups == scored)
      say("Each picture counts as a group of its own. If several show one person or video, the intervals are too "
          "narrow.");
    if (groups > 1 && groups < 2 * few_groups)
      say("Intervals from " + counted(groups, "group") + " are rough, and too narrow near 0 and 1.");
  }

  const Evaluation& evaluation_;
  const Part& all_;
  std::vector<std::string> notes_;
};

}  // namespace

std::optional<double> EvaluationOptions::calibrated_threshold() const {
  const auto found = model.find("threshold");
  if (found == model.end()) return std::nullopt;
  double value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::runtime_error("the model's threshold '" + text + "' is no number");
  return value;
}

std::optional<metrics::Interval> Part::chance() const {
  const auto n0 = static_cast<double>(real_scored), n1 = static_cast<double>(fake_scored);
  if (n0 == 0 || n1 == 0) return std::nullopt;
  const double half = 1.959963984540054 * std::sqrt((n0 + n1 + 1) / (12 * n0 * n1));
  return metrics::Interval{std::max(0.0, 0.5 - half), std::min(1.0, 0.5 + half)};
}

Evaluation evaluate(const std::vector<ScoredPicture>& pictures, EvaluationOptions options) {
  Evaluation out;
  out.options = std::move(options);
  Collector all;
  std::map<std::string, Collector> datasets;
  for (const ScoredPicture& picture : pictures) {
    all.add(picture);
    datasets[picture.sample.dataset].add(picture);
    if (!picture.score) out.not_scored.push_back(picture);
  }
  out.all = all.finish(out.options.summary);
  out.all.name = "all";
  for (auto& [name, collector] : datasets) {
    out.datasets.push_back(collector.finish(out.options.summary));
    out.datasets.back().name = name;
  }
  out.by_group = by_group(pictures, out.options.summary);
  out.calibrated = calibrated(pictures, out.options);
  compare_datasets(out);
  out.left_out = left_out(pictures, out.datasets, out.options.summary);
  out.notes = Notes(out).write();
  return out;
}

}  // namespace dfpipe::evaluation
