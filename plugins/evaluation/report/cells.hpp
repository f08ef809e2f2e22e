#pragma once

#include <string>

#include "dfpipe/resource.hpp"
#include "scored_picture.hpp"
#include "summary.hpp"

/// What the pages of evaluations have in common, as HTML.
namespace dfpipe::evaluation {

/// A number with four digits and its interval, or why there is none.
std::string metric_cell(const metrics::Metric& metric);

/// What the numbers were made from: facts of the model and the data, threshold, intervals.
std::string facts_table(const Facts& model, const Facts& data, const metrics::SummaryOptions& options,
                        SeveralFaces several);

}  // namespace dfpipe::evaluation
