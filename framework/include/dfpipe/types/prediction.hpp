#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/types/basic.hpp"

namespace dfpipe {

/// Everything that is reported of one face. What could not be computed is empty and `problems` says why.
struct FaceResult {
  std::array<double, 4> box{};         ///< left, top, width, height of the detector's box
  std::array<std::int64_t, 4> crop{};  ///< left, top, right, bottom of what the model saw; right and bottom exclusive
  double detector_score = 0;
  std::string detector;
  std::optional<double> presence;     ///< [0,1]: that the landmarks lie on a face; empty without landmarks
  std::optional<double> probability;  ///< of "fake", [0,1]
  std::optional<double> log_odds;     ///< of "fake", log(p / (1 - p)), natural: tells apart what rounds to 1
  std::string label;                  ///< the model's own label of the winning class
  std::optional<double> calibrated;   ///< the probability of "fake" after calibration; empty without one
  std::string calibrated_label;       ///< the model's own label by the calibration's threshold; empty without one
  Measures heuristics;
  std::shared_ptr<const Bytes> heatmap;  ///< PNG
  std::vector<std::string> problems;     ///< "node 'rollout': …"
};

template <>
struct Type<FaceResult> {
  static constexpr std::string_view name = "face-result";
};

}  // namespace dfpipe
