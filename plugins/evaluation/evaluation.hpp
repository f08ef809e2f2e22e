#pragma once

#include <string>
#include <vector>

#include "dfpipe/resource.hpp"
#include "scored_picture.hpp"
#include "summary.hpp"

namespace dfpipe::evaluation {

struct EvaluationOptions {
  metrics::SummaryOptions summary;
  SeveralFaces several = SeveralFaces::max;
  Facts model;  ///< of the detector: model, sha256, trained, …
  Facts data;   ///< of the source: list, data, …
};

/// Pictures of one data set, or of all.
struct Part {
  std::string name;
  std::size_t pictures = 0;                      ///< scored or not
  std::size_t real = 0, fake = 0;                ///< of them
  std::size_t real_scored = 0, fake_scored = 0;  ///< those with a score
  metrics::Summary summary;
  std::vector<double> real_scores, fake_scores;

  /// The 95 % range of the AUC of scores drawn at random, 0.5 +- 1.96 sqrt((n + 1) / (12 real fake)) (Mann and Whitney,
  /// 1947); nothing without both classes.
  std::optional<metrics::Interval> chance() const;
};

/// Everything an evaluation found.
struct Evaluation {
  EvaluationOptions options;
  Part all;
  std::vector<Part> datasets;                ///< by name
  std::optional<metrics::Summary> by_group;  ///< one score a group: the mean; where a group has several pictures
  std::optional<double> auc_gap;             ///< largest less smallest AUC of the data sets; with two or more
  std::string worst_dataset;
  std::vector<ScoredPicture> not_scored;
  std::vector<std::string> notes;  ///< what a reader must know, in sentences
};

/// A gap of the data sets' AUCs above this is noted, as in the original.
inline constexpr double notable_gap = 0.05;

/// Groups are those of the samples, inside their data set; a picture without one is a group of its own. For scores by
/// group, a group with both labels counts as two, so that pictures of one person never make genuine ones of fakes.
Evaluation evaluate(const std::vector<ScoredPicture>& pictures, EvaluationOptions options);

/// metrics.json: the same bytes for the same evaluation.
std::string metrics_json(const Evaluation& evaluation);

/// One row a picture, RFC 4180, with its header and line ends.
std::string scores_header();
std::string scores_row(const ScoredPicture& picture, double threshold);

}  // namespace dfpipe::evaluation
