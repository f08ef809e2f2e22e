#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "dfpipe/item.hpp"
#include "torch_compat.hpp"

namespace dfpipe::detector {

/// Sets autograd for one call as the item's phase asks, whatever the thread did before: recorded under train only.
class PhaseGuard {
 public:
  explicit PhaseGuard(const Item& item)
      : training_(item.attributes().phase == Phase::train), grad_(training_), random_(item.random()) {}

  bool training() const noexcept { return training_; }
  /// Dropout's generator, keyed by run, epoch, item and node; nothing outside training.
  std::optional<at::Generator> dropout() {
    if (!training_) return std::nullopt;
    return seeded_generator(random_.bits64());
  }

 private:
  bool training_;
  at::AutoGradMode grad_;
  Random random_;
};

}  // namespace dfpipe::detector
