#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dfpipe::detector {

/// How a model's probabilities are made to mean what they say, and from where on a picture is called fake: what
/// `calibration.json` holds. Fitted on pictures that the model was not trained on.
struct Calibration {
  std::string model;         ///< the folder's name
  std::string model_sha256;  ///< of the model it belongs to, and to no other
  double temperature = 1;    ///< > 0; log odds are divided by it
  double threshold = 0.5;    ///< [0,1]; a calibrated probability of at least this much is called fake

  // From here on for people: what it was made from, and what it changes.
  std::optional<std::pair<double, double>> temperature_interval;  ///< 95 %, a bootstrap by group
  double raw_threshold = 0.5;                                     ///< the same threshold before calibration
  std::string rule;                                               ///< by which the threshold was chosen
  double false_alarms = 0, fakes_found = 0;                       ///< shares at the threshold, on these pictures
  std::int64_t pictures = 0, real = 0, fake = 0, groups = 0;      ///< with and (the three others) those with a score
  std::map<std::string, std::string> data;      ///< the source's facts: what was read, hash of the list
  std::map<std::string, double> before, after;  ///< log_loss, brier, ece_positive, ece_top_label
  std::vector<std::string> notes;               ///< what a reader must know, in sentences

  /// 1 / (1 + exp(-log_odds / temperature)): the probability of "fake" after calibration.
  double calibrated(double log_odds) const;
};

/// The file's name in a model's folder.
inline constexpr const char* calibration_name = "calibration.json";

/// The file's text; the same bytes for the same calibration.
std::string calibration_text(const Calibration& calibration);

/// Throws ModelError, which names the file, when it cannot be read or is no calibration: another format, a temperature
/// that is not positive, a threshold outside [0,1], no model's hash. What is for people only may be missing.
Calibration read_calibration(const std::filesystem::path& file);

}  // namespace dfpipe::detector
