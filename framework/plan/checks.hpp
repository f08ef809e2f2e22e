#pragma once

#include "plan/draft.hpp"

namespace dfpipe::plan {

/// What the run will be limited by, out of the file or by default.
struct Limits {
  int credits = 16;
  int window = 16;
  std::map<Draft*, int> max_live;  ///< per foreach
};

/// One source, at the root; ordered nodes at the root; readers of disabled nodes that can do without.
void check_structure(Model& model);

/// Credits, window and child slots, and what --deterministic demands of them.
Limits check_limits(Model& model);

/// Warns of nodes, resources and parameters that nobody uses. Only sensible when nothing is wrong.
void check_idle(Model& model);

}  // namespace dfpipe::plan
