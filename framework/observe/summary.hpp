#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/engine.hpp"

namespace dfpipe::observe {

/// What a finished run says: a table with one row per node, the first errors, the counts, where the results are.
/// Nothing when the run was refused before its first item.
std::string summary_text(const engine::RunResult& result);
/// The part of it that nobody may miss: the first errors and the counts when items failed or were lost, else nothing.
std::string failures_text(const engine::RunResult& result);
/// The same for machines; `exit_code` is what the process answers.
nlohmann::ordered_json summary_json(const engine::RunResult& result, int exit_code);
/// Every item is accounted for: emitted = ok + failed + stopped.
bool counts_agree(const engine::Snapshot& snapshot);

}  // namespace dfpipe::observe
