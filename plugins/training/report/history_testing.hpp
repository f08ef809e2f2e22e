#pragma once

#include <array>
#include <cmath>

#include "history.hpp"

namespace dfpipe::training::testing {

/// A run of four epochs with two data sets that gets better, the third epoch best: `steps_an_epoch` steps of 0.5 s, of
/// which 0.125 s waited, with 32 pictures each.
inline History a_run(std::int64_t steps_an_epoch) {
  History history;
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    for (std::int64_t i = 1; i <= steps_an_epoch; ++i) {
      const std::int64_t step = epoch * steps_an_epoch + i;
      const double at = static_cast<double>(step) / static_cast<double>(4 * steps_an_epoch);
      const double ce = 0.7 * std::exp(-2 * at) + 0.05 * std::sin(static_cast<double>(step)), supcon = 2 - at;
      history.steps.push_back({.step = step,
                               .epoch = epoch,
                               .loss = ce + 0.5 * supcon,
                               .supcon = supcon,
                               .ce = ce,
                               .accuracy = 0.5 + 0.4 * at,
                               .grad_norm = 1,
                               .lr = 2e-4 * (1 - at),
                               .seconds = 0.5,
                               .data_wait = 0.125,
                               .images = 32});
    }
    const double auc = std::array{0.625, 0.8125, 0.9375, 0.90625}[static_cast<std::size_t>(epoch)];
    history.epochs.push_back({.epoch = epoch,
                              .step = (epoch + 1) * steps_an_epoch,
                              .train_loss = 1.5,
                              .train_accuracy = 0.75,
                              .val_loss = 1.25,
                              .val_auc = auc,
                              .val_accuracy = 0.875,
                              .val_eer = 0.0625,
                              .val_auc_by_dataset = {{"ff++", auc - 0.25}, {"celeb <df>", auc}},
                              .failed_samples = 0,
                              .best = epoch < 3,
                              .seconds = 20});
  }
  return history;
}

}  // namespace dfpipe::training::testing
