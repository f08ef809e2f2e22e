#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace dfpipe::training {

struct AdamWSettings {
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.01;
};

/// AdamW (Loshchilov & Hutter 2019) as PyTorch computes it. A step with the learning rate lr, t counting from 1:
///
///     p -= lr weight_decay p
///     m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g²
///     p -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
///
/// LibTorch's own is not used because its state, which a checkpoint must hold to the last bit, is another in each of
/// its versions.
class AdamW {
 public:
  /// What is kept of one parameter; the tensors are undefined before its first gradient.
  struct Moments {
    std::int64_t step = 0;
    at::Tensor exp_avg, exp_avg_sq;
  };

  AdamW(std::vector<at::Tensor> parameters, AdamWSettings settings);

  /// Parameters without a gradient stay.
  void step(double learning_rate);
  void drop_gradients();

  const std::vector<at::Tensor>& parameters() const noexcept { return parameters_; }
  const AdamWSettings& settings() const noexcept { return settings_; }
  /// In the parameters' order; to be read and set by checkpoints.
  std::vector<Moments>& moments() noexcept { return moments_; }
  const std::vector<Moments>& moments() const noexcept { return moments_; }

 private:
  std::vector<at::Tensor> parameters_;
  AdamWSettings settings_;
  std::vector<Moments> moments_;
};

/// The length of all gradients together. `scale` multiplies each of them first.
double scale_gradients(const std::vector<at::Tensor>& parameters, double scale);

/// Shortens all gradients together to `max_norm` at most: each is multiplied by min(1, max_norm / (norm + 1e-6)).
void clip_gradients(const std::vector<at::Tensor>& parameters, double norm, double max_norm);

}  // namespace dfpipe::training
