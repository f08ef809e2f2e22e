#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dfpipe::server {

/// What is known about a face when a verdict is due.
struct Evidence {
  std::optional<double> probability;  ///< of "fake", calibrated where there is a calibration
  double threshold = 0.5;
  bool face_found = true;
  bool trained = true;
  long shorter_side = 0;  ///< of the crop, px
  long min_face = 0;      ///< px
};

struct Verdict {
  std::string word;  ///< "real", "fake", "inconclusive"
  std::string band;  ///< "weak", "moderate", "strong"; empty when inconclusive
  std::vector<std::string>
      reasons;  ///< why it is inconclusive: no_face, face_too_small, near_threshold, untrained, no_score
};

/// The distance of the probability from the threshold, |logit(p) - logit(t)|, is called inconclusive below log(1.5),
/// weak below log(3), moderate below log(9), and strong from there: at a threshold of 0.5 these are 0.6, 0.75 and 0.9
/// for the probability of the side it falls on. The words say how sure the model is, not how often it is right: only a
/// calibration relates the two.
Verdict verdict_on(const Evidence& evidence);

}  // namespace dfpipe::server
