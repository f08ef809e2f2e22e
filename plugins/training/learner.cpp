#include "learner.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "dfpipe/error.hpp"

namespace dfpipe::training {
namespace {

std::vector<at::Tensor> tensors_of(const detector::TrainableModel& model) {
  std::vector<at::Tensor> all;
  for (const detector::NamedTensor& parameter : model.parameters()) all.push_back(parameter.tensor);
  return all;
}

}  // namespace

Learner::Learner(detector::TrainableModel& model, LearnerSettings settings)
    : model_(model), settings_(settings), optimizer_(tensors_of(model), settings.adamw) {}

double Learner::rate(const StepPlace& place) const {
  double epoch = static_cast<double>(place.epoch);
  if (settings_.rate_by_step)
    epoch += static_cast<double>(place.in_epoch) / static_cast<double>(settings_.batches_per_epoch);
  return settings_.schedule.rate(epoch) * warm_up(place.step, settings_.warm_up_steps);
}

void Learner::add(const at::Tensor& loss, const LossScaler& scaler) {
  const double factor = scaler.factor();
  (factor == 1 ? loss : loss * factor).backward();
  ++waiting_;
}

Learner::Step Learner::step(const StepPlace& place, LossScaler& scaler) {
  const std::vector<at::Tensor>& parameters = optimizer_.parameters();
  Step step{.rate = rate(place)};
  step.gradient_norm = scale_gradients(parameters, 1 / (static_cast<double>(waiting_) * scaler.factor()));
  waiting_ = 0;
  step.taken = std::isfinite(step.gradient_norm);
  if (!step.taken && scaler.factor() <= 1) throw Fatal("the gradients are not finite");
  scaler.saw(step.taken);
  if (step.taken) {
    if (settings_.clip_norm > 0) clip_gradients(parameters, step.gradient_norm, settings_.clip_norm);
    optimizer_.step(step.rate);
    model_.changed();
  }
  optimizer_.drop_gradients();
  return step;
}

}  // namespace dfpipe::training
