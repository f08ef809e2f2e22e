#pragma once

#include <string>

#include "plan/checks.hpp"
#include "plan/draft.hpp"

namespace dfpipe::plan {

/// The resolved file: parts written out in place, every value there, paths absolute. A pipeline file of the same
/// meaning, and the same text for the same meaning. Wants drafts in their final order.
std::string resolved_text(const Model& model, const Limits& limits);

/// The same with paths as the nodes get them, the parameters, and each value's origin as a comment.
std::string explained_text(const Model& model, const Limits& limits);

/// Worst cases, for `dfpipe validate`.
std::vector<std::string> notes_of(const Model& model, const Limits& limits);

}  // namespace dfpipe::plan
