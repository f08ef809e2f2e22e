#pragma once

#include <vector>

#include "charts/svg.hpp"

/// What becomes of a long noisy series before it is drawn. Points whose y is not finite are left out.
namespace dfpipe::training {

/// Exponential moving average over about `span` points, span >= 1, without the pull to zero at the start: the weights
/// (1 - 1/span)^age are divided by their sum. (Kingma and Ba, "Adam", 2015, section 3, with its beta = 1 - 1/span)
std::vector<charts::Point> smoothed(const std::vector<charts::Point>& points, double span);

/// At most `most` points: the means of neighbours, as many in each as can be.
std::vector<charts::Point> thinned(const std::vector<charts::Point>& points, std::size_t most);

}  // namespace dfpipe::training
