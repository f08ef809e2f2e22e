#include "adamw.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dfpipe::training {

AdamW::AdamW(std::vector<at::Tensor> parameters, AdamWSettings settings)
    : parameters_(std::move(parameters)), settings_(settings), moments_(parameters_.size()) {}

void AdamW::step(double learning_rate) {
  const at::NoGradGuard constant;
  const auto& [beta1, beta2, eps, weight_decay] = settings_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor& parameter = parameters_[i];
    const at::Tensor& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    Moments& kept = moments_[i];
    if (!kept.exp_avg.defined()) {
      kept.exp_avg = at::zeros_like(parameter);
      kept.exp_avg_sq = at::zeros_like(parameter);
    }
    const auto t = static_cast<double>(++kept.step);
    parameter.mul_(1 - learning_rate * weight_decay);
    kept.exp_avg.mul_(beta1).add_(gradient, 1 - beta1);
    kept.exp_avg_sq.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
    const at::Tensor denominator = (kept.exp_avg_sq.sqrt() / std::sqrt(1 - std::pow(beta2, t))).add_(eps);
    parameter.addcdiv_(kept.exp_avg, denominator, -learning_rate / (1 - std::pow(beta1, t)));
  }
}

void AdamW::drop_gradients() {
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

double scale_gradients(const std::vector<at::Tensor>& parameters, double scale) {
  const at::NoGradGuard constant;
  std::vector<at::Tensor> norms;
  for (const at::Tensor& parameter : parameters) {
    at::Tensor gradient = parameter.grad();
    if (!gradient.defined()) continue;
    if (scale != 1) gradient.mul_(scale);
    norms.push_back(at::linalg_vector_norm(gradient));
  }
  return norms.empty() ? 0 : at::linalg_vector_norm(at::stack(norms)).item<double>();
}

void clip_gradients(const std::vector<at::Tensor>& parameters, double norm, double max_norm) {
  const at::NoGradGuard constant;
  const double scale = std::min(1.0, max_norm / (norm + 1e-6));
  if (scale == 1) return;
  for (const at::Tensor& parameter : parameters)
    if (at::Tensor gradient = parameter.grad(); gradient.defined()) gradient.mul_(scale);
}

}  // namespace dfpipe::training
