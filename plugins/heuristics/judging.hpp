#pragma once

#include "dfpipe/types/basic.hpp"
#include "measuring.hpp"
#include "reference.hpp"

/// From raw numbers to scores, and to sentences.
namespace dfpipe::heuristics {

/// The one mapping of all measures: 1 between the 10th and the 90th percentile, falling in a straight line to 0 at the
/// 1st and the 99th; 1 on the sides that are never odd.
double band(double value, const Percentiles& usual, OddWhen odd);

/// Score: the parts' bands by their shares, over those there are; what is missing of the shares is missing of the
/// validity. The note tells of the part with the lowest band. Numbers have four decimals; the parts have all.
Measure judge(const Raw& raw, const MeasureDefinition& definition, const MeasureReference& reference);

/// Total: mean of the scores weighted by weight times validity, empty when these products add up to less than 0.3 of
/// all weights. Worst: the lowest score of a validity above 0.5, if it is below 1.
Measures summed_up(std::vector<Measure> all, const Reference& reference);

/// All six measures of a face, judged. `picture`: [H,W,3] uint8 RGB, not empty. Without a reference: by the one
/// compiled in for what the face is placed by.
Measures measure_calibrated(const Face& face, const cv::Mat& picture, const Reference& reference);
Measures measure_calibrated(const Face& face, const cv::Mat& picture);

}  // namespace dfpipe::heuristics
