#pragma once

#include <string>

#include "evaluation.hpp"

/// The report's drawings, each a whole <svg> element. Where there is nothing to draw, a sentence says why.
namespace dfpipe::evaluation {

std::string roc_plot(const Evaluation& evaluation);
std::string precision_recall_plot(const Evaluation& evaluation);

/// Detection error trade-off: both error rates on the scale of normal deviates, on which normal scores give a straight
/// line. (Martin et al., "The DET curve in assessment of detection task performance", Eurospeech 1997)
std::string det_plot(const Evaluation& evaluation);

std::string histogram_plot(const Evaluation& evaluation);
std::string reliability_plot(const Evaluation& evaluation);
std::string confusion_plot(const Evaluation& evaluation);
std::string dataset_plot(const Evaluation& evaluation);

/// The standard normal distribution's quantile; `share` in (0,1).
double normal_quantile(double share);

}  // namespace dfpipe::evaluation
