#pragma once

#include <algorithm>
#include <cstdint>

#include "dfpipe/item.hpp"

namespace dfpipe::datasets {

/// In which order the batches of a training come: of each epoch the training batches, then the validation batches.
struct BatchSchedule {
  std::uint64_t training = 1;    ///< batches of an epoch, at least 1
  std::uint64_t validation = 0;  ///< batches of an epoch
  std::uint64_t steps = 0;       ///< training batches in all; the last epoch may have fewer than the others

  struct Place {
    Phase phase = Phase::train;
    std::uint64_t epoch = 0;
    std::uint64_t number = 0;  ///< among the epoch's batches of this phase
    bool last = false;         ///< of the epoch's batches of this phase
  };

  std::uint64_t epochs() const { return (steps + training - 1) / training; }
  std::uint64_t size() const { return steps + epochs() * validation; }

  /// What stands at a position below `size()`.
  Place at(std::uint64_t position) const {
    const std::uint64_t epoch = position / (training + validation);  // only the last epoch may be shorter
    const std::uint64_t inside = position % (training + validation);
    const std::uint64_t steps_here = std::min(training, steps - epoch * training);
    if (inside < steps_here) return {Phase::train, epoch, inside, inside + 1 == steps_here};
    return {Phase::eval, epoch, inside - steps_here, inside - steps_here + 1 == validation};
  }
};

}  // namespace dfpipe::datasets
