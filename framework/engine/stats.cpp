#include "engine/engine.hpp"

namespace dfpipe::engine {

int RunResult::exit_code() const {
  if (outcome == Outcome::failed) return 1;
  if (outcome == Outcome::stopped && source_live) return 0;  // a server that was told to end has done its work
  if (outcome == Outcome::stopped && !stopped_early) return 130;
  if (stats.failed + stats.failed_earlier == 0) return 0;
  return stats.ok == 0 && stats.skipped <= stats.failed_earlier ? 1 : 3;
}

}  // namespace dfpipe::engine
