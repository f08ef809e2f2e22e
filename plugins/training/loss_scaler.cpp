#include "loss_scaler.hpp"

namespace dfpipe::training {

void LossScaler::saw(bool finite) {
  if (!on) return;
  if (!finite) {
    scale /= 2;
    good_steps = 0;
  } else if (++good_steps == interval) {
    scale *= 2;
    good_steps = 0;
  }
}

}  // namespace dfpipe::training
