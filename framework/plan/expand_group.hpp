#pragma once

#include <string>
#include <vector>

#include "plan/expand.hpp"
#include "plan/overrides.hpp"

namespace dfpipe::plan {

/// All nodes of one frame; `variables` are the parameters visible in it.
void expand_nodes(Model& model, Frame& frame, const Tree* nodes, config::Variables& variables,
                  std::vector<Override> overrides);

/// A part, nodes written in place, or either of them under foreach.
void expand_group(Model& model, Frame& frame, const config::Entry& entry, config::Variables& variables,
                  std::vector<Override> inner);

}  // namespace dfpipe::plan
