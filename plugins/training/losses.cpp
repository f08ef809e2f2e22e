#include "losses.hpp"

#include <ATen/ATen.h>

namespace dfpipe::training {

at::Tensor SupCon::operator()(const at::Tensor& features, const at::Tensor& labels) const {
  const std::int64_t n = features.size(0);
  at::Tensor others, positives, has_positive;
  {
    const at::NoGradGuard constant;
    others = 1 - at::eye(n, features.options());
    positives = labels.unsqueeze(0).eq(labels.unsqueeze(1)).to(features.scalar_type()) * others;
    has_positive = positives.sum(1).gt(0).to(features.scalar_type());
  }
  const at::Tensor counted = has_positive.sum();
  if (counted.item<double>() == 0) return (features * 0).sum();

  at::Tensor similarity = at::matmul(features, features.t()) / temperature;
  similarity = similarity - similarity.amax(1, true).detach();
  const at::Tensor denominator = (at::exp(similarity) * others).sum(1, true) + epsilon;
  const at::Tensor log_probability = similarity - at::log(denominator);
  // An anchor without a positive is divided by 1 and adds nothing.
  const at::Tensor count = positives.sum(1) + epsilon * has_positive + (1 - has_positive);
  const at::Tensor anchors = -(positives * log_probability).sum(1) / count;
  const at::Tensor by = averaging == Averaging::with_positives ? counted : at::full_like(counted, n);
  return anchors.sum() / by * (temperature / base_temperature);
}

at::Tensor smoothed_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing) {
  return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100, smoothing);
}

}  // namespace dfpipe::training
