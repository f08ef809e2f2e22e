#pragma once

#include <cstdint>

namespace dfpipe::training {

/// Keeps small gradients above float16's smallest numbers: the loss is multiplied by `scale`, the gradients are divided
/// by it before the optimizer sees them. A step whose gradients are not finite is left out and halves the scale; after
/// `interval` good steps in a row it doubles (Micikevicius et al. 2018; the numbers of PyTorch's GradScaler). Off, the
/// scale is 1 and nothing is left out.
struct LossScaler {
  bool on = false;
  double scale = 65536;
  std::int64_t good_steps = 0;

  static constexpr std::int64_t interval = 2000;

  double factor() const { return on ? scale : 1; }
  /// Told of each step whether its gradients were finite.
  void saw(bool finite);
};

}  // namespace dfpipe::training
