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

  /// From the model's facts: from where on its calibrated probabilities are called fake; nothing without a calibration.
  std::optional<double> calibrated_threshold() const;
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

/// One data set against all others together: the same model on both, nothing trained again.
struct LeftOut {
  std::string dataset;
  Part others;                    ///< pictures of all other data sets
  std::optional<double> auc_gap;  ///< AUC of the others less that of the data set; above 0: it is the harder one
};

/// Everything an evaluation found.
struct Evaluation {
  EvaluationOptions options;
  Part all;
  std::vector<Part> datasets;                ///< by name
  std::optional<metrics::Summary> by_group;  ///< one score a group: the mean; where a group has several pictures
  /// Of the calibrated probabilities of all pictures, at the calibration's threshold; when the model has one.
  std::optional<metrics::Summary> calibrated;
  std::optional<double> auc_gap;  ///< largest less smallest AUC of the data sets; with two or more
  std::string worst_dataset;
  std::vector<LeftOut> left_out;  ///< by name; with two data sets or more
  std::vector<ScoredPicture> not_scored;
  std::vector<std::string> notes;  ///< what a reader must know, in sentences
};

/// With more data sets than this, no intervals for "all others": they cost as much as those of all pictures, each time.
inline constexpr std::size_t most_left_out_intervals = 8;

/// A gap of the data sets' AUCs above this is noted, as in the original.
inline constexpr double notable_gap = 0.05;

/// Groups are those of the samples, inside their data set; a picture without one is a group of its own. For scores by
/// group, a group with both labels counts as two, so that pictures of one person never make genuine ones of fakes.
Evaluation evaluate(const std::vector<ScoredPicture>& pictures, EvaluationOptions options);

/// metrics.json: the same bytes for the same evaluation.
std::string metrics_json(const Evaluation& evaluation);

/// One row a picture, RFC 4180, with its header and line ends. With a calibration there are two columns more.
std::string scores_header(const EvaluationOptions& options);
std::string scores_row(const ScoredPicture& picture, const EvaluationOptions& options);

}  // namespace dfpipe::evaluation
