#pragma once

#include <vector>

#include "dfpipe/types/sample.hpp"

namespace dfpipe::datasets {

/// The pictures of data sets, in their order.
using Entries = std::vector<Sample>;

}  // namespace dfpipe::datasets
