#include "schedule.hpp"

#include <cmath>
#include <numbers>

namespace dfpipe::training {

WarmRestarts::Place WarmRestarts::place(double epoch) const {
  Place place{epoch, t_0};
  if (t_mult == 1) {
    place.t_cur = std::fmod(epoch, t_0);
    return place;
  }
  while (place.t_cur >= place.t_i) {
    place.t_cur -= place.t_i;
    place.t_i *= t_mult;
  }
  return place;
}

double WarmRestarts::rate(double epoch) const {
  const Place at = place(epoch);
  return eta_min + (base - eta_min) * (1 + std::cos(std::numbers::pi * at.t_cur / at.t_i)) / 2;
}

double warm_up(std::int64_t step, std::int64_t steps) {
  return step >= steps ? 1 : static_cast<double>(step + 1) / static_cast<double>(steps + 1);
}

}  // namespace dfpipe::training
