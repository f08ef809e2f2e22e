#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bootstrap.hpp"
#include "calibration_file.hpp"
#include "dfpipe/resource.hpp"
#include "group_numbers.hpp"
#include "threshold.hpp"

namespace dfpipe::evaluation {

struct CalibrationOptions {
  metrics::ThresholdRule rule = metrics::ThresholdRule::equal_errors;
  double most_false_alarms = 0.05;  ///< [0,1], for that rule
  std::size_t bins = 15;            ///< of the calibration errors
  metrics::BootstrapOptions bootstrap;
  Facts model;  ///< of the detector: model, sha256, trained
  Facts data;   ///< of the source
};

/// Log odds of "fake" of labelled pictures, in the order they were added.
class CalibrationPictures {
 public:
  /// `log_odds`: finite, natural; nothing for a picture without a score, which is counted.
  void add(const Sample& sample, std::optional<double> log_odds);

  std::size_t pictures = 0;
  std::vector<std::int64_t> labels;
  std::vector<double> log_odds;
  std::vector<std::size_t> groups;

 private:
  GroupNumbers numbers_;
};

/// Throws Fatal with the reason when a class is missing.
detector::Calibration fit_calibration(const CalibrationPictures& pictures, const CalibrationOptions& options);

/// "temperature 1.83 (95 %: 1.52 to 2.2), threshold 0.41; log loss 0.7696 before, 0.4492 after, on 120 pictures"
std::string sentence_of(const detector::Calibration& calibration);

}  // namespace dfpipe::evaluation
