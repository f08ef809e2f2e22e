#pragma once

#include <ATen/core/Tensor.h>

namespace dfpipe::training {

/// How the anchors' losses become one number. Anchors without a positive have none of their own.
enum class Averaging : bool {
  with_positives,  ///< the mean over anchors that have a positive
  all_anchors      ///< the sum over them, divided by the number of all anchors
};

/// Supervised contrastive loss (Khosla et al. 2020, eq. 2, "out").
struct SupCon {
  double temperature = 0.07;
  double base_temperature = 0.07;  ///< the loss is multiplied by temperature / base_temperature
  Averaging averaging = Averaging::with_positives;
  /// Added to the denominator's sum and to the number of positives. The original detector adds 1e-8, the published code
  /// of the paper nothing.
  double epsilon = 1e-8;

  /// `features` [N,D] of length 1, `labels` [N] int64; several views of a sample are rows of their own. With
  /// s = features featuresᵀ / temperature, over the positives P(i) (same label, not i itself):
  ///
  ///     loss_i = -1/|P(i)| sum_{p in P(i)} (s_ip - log sum_{a != i} exp s_ia)
  ///
  /// A scalar; 0 where no anchor has a positive, so that a batch of one class each, or of one picture, costs nothing.
  at::Tensor operator()(const at::Tensor& features, const at::Tensor& labels) const;
};

/// Mean cross entropy of `logits` [N,C] with targets (1 - smoothing) one-hot + smoothing / C (Szegedy et al. 2016).
at::Tensor smoothed_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing);

}  // namespace dfpipe::training
