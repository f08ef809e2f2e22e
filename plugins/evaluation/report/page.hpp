#pragma once

#include <string>

#include "evaluation.hpp"

namespace dfpipe::evaluation {

/// report.html: one file that needs nothing else, neither scripts nor the network; light or dark as the reader's system
/// is. Every name in it is escaped.
std::string report_page(const Evaluation& evaluation);

}  // namespace dfpipe::evaluation
