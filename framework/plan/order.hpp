#pragma once

#include "plan/draft.hpp"

namespace dfpipe::plan {

/// Puts the drafts into the graph's order: every node after those it reads, a foreach directly before its scope's
/// nodes, and these before the readers of what it gathers. Where that leaves a choice, by name, so that the order of
/// nodes in the file means nothing. Circles are reported, each once; false when there is one.
bool sort_drafts(Model& model);

}  // namespace dfpipe::plan
