#pragma once

#include <cstdint>

namespace dfpipe::training {

/// Cosine annealing with warm restarts (Loshchilov & Hutter 2017), as PyTorch's CosineAnnealingWarmRestarts:
///
///     lr = eta_min + (base - eta_min) (1 + cos(pi t_cur / t_i)) / 2
///
/// t_cur counts epochs from the last restart, t_i is the present period: t_0, then t_mult times the last one. It may be
/// asked in the middle of an epoch. At a restart lr is `base` again, so with whole epochs eta_min is never reached.
struct WarmRestarts {
  double base = 2e-4;
  double eta_min = 1e-6;
  double t_0 = 5;
  double t_mult = 1;

  struct Place {
    double t_cur = 0, t_i = 0;
  };
  Place place(double epoch) const;
  double rate(double epoch) const;
};

/// Linear from 0: the share of the rate that step `step` (from 0) of `steps` warm-up steps gets; 1 afterwards.
double warm_up(std::int64_t step, std::int64_t steps);

}  // namespace dfpipe::training
