#pragma once

#include "plan/draft.hpp"

namespace dfpipe::plan {

/// Turns every `in:`, `foreach:` and `out:` from names into wires and checks their types. An element that is read by
/// nodes of a scope further inside gets a node that hands it on.
void connect(Model& model);

}  // namespace dfpipe::plan
