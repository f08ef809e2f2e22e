#pragma once

#include <cstdint>

#include "adamw.hpp"
#include "loss_scaler.hpp"
#include "schedule.hpp"
#include "trainable_model.hpp"

namespace dfpipe::training {

struct LearnerSettings {
  AdamWSettings adamw;
  WarmRestarts schedule;
  bool rate_by_step = false;           ///< the schedule moves inside an epoch as well
  std::int64_t batches_per_epoch = 1;  ///< for that
  std::int64_t warm_up_steps = 0;
  std::int64_t accumulate = 1;  ///< batches a step
  double clip_norm = 1;         ///< 0: gradients are not clipped
};

/// Where a step stands.
struct StepPlace {
  std::int64_t epoch = 0;     ///< from 0
  std::int64_t in_epoch = 0;  ///< batches of it before the step's first one
  std::int64_t step = 0;      ///< steps of the run before this one
};

/// Turns losses into steps: backward, accumulation, clipping, AdamW, schedule, loss scaling. A step averages the
/// gradients of all batches since the one before: of `accumulate`, or of what is left over at the end of an epoch.
class Learner {
 public:
  /// What a step of the optimizer did.
  struct Step {
    double rate = 0;
    double gradient_norm = 0;  ///< before clipping
    bool taken = true;         ///< false: gradients overflowed in float16, and the scale was lowered instead
  };

  Learner(detector::TrainableModel& model, LearnerSettings settings);

  /// Adds the gradients of a batch's loss to those that wait.
  void add(const at::Tensor& loss, const LossScaler& scaler);
  /// Batches whose gradients wait for their step.
  std::int64_t waiting() const noexcept { return waiting_; }
  bool due() const noexcept { return waiting_ >= settings_.accumulate; }
  /// Throws Fatal when the gradients are not finite and no loss scale could be the reason.
  Step step(const StepPlace& place, LossScaler& scaler);

  double rate(const StepPlace& place) const;
  AdamW& optimizer() noexcept { return optimizer_; }
  const LearnerSettings& settings() const noexcept { return settings_; }

 private:
  detector::TrainableModel& model_;
  LearnerSettings settings_;
  AdamW optimizer_;
  std::int64_t waiting_ = 0;
};

}  // namespace dfpipe::training
