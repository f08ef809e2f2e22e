#pragma once

#include <string>

namespace dfpipe::plan {

/// What two resolved files (see `resolved_text`) say differently, in words: "nodes.faces.with.padding is 0.3, was 0.2;
/// run.seed is 1, was 0; and 3 more". Empty when they are equal, or when `earlier` is no resolved file.
std::string difference(const std::string& earlier, const std::string& now);

}  // namespace dfpipe::plan
