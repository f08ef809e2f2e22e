#pragma once

#include "plan/checks.hpp"
#include "plan/draft.hpp"

namespace dfpipe::plan {

/// The graph to execute, out of drafts in their final order. Takes the node objects.
engine::Graph assemble(Model& model, const Limits& limits);

}  // namespace dfpipe::plan
