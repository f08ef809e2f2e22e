#include "api/verdict.hpp"

#include <algorithm>
#include <cmath>

namespace dfpipe::server {
namespace {

double logit(double p) {
  const double inside = std::clamp(p, 1e-12, 1 - 1e-12);
  return std::log(inside / (1 - inside));
}

}  // namespace

Verdict verdict_on(const Evidence& evidence) {
  Verdict verdict{"inconclusive", "", {}};
  if (!evidence.face_found) verdict.reasons.push_back("no_face");
  if (evidence.face_found && evidence.shorter_side < evidence.min_face) verdict.reasons.push_back("face_too_small");
  if (!evidence.trained) verdict.reasons.push_back("untrained");
  const bool scored = evidence.probability && std::isfinite(*evidence.probability);
  if (!scored) verdict.reasons.push_back("no_score");
  const double distance = scored ? logit(*evidence.probability) - logit(evidence.threshold) : 0;
  const double size = std::abs(distance) + 1e-9;
  if (scored && size < std::log(1.5)) verdict.reasons.push_back("near_threshold");
  if (!verdict.reasons.empty()) return verdict;
  verdict.word = distance >= 0 ? "fake" : "real";
  verdict.band = size < std::log(3.0) ? "weak" : size < std::log(9.0) ? "moderate" : "strong";
  return verdict;
}

}  // namespace dfpipe::server
