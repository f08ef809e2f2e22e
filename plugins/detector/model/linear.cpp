#include "linear.hpp"

#include <ATen/ATen.h>

namespace dfpipe::detector {
namespace {

at::Tensor row_norms(const at::Tensor& weight, const Adapter& adapter) {
  const at::NoGradGuard constant;
  return at::linalg_vector_norm(weight + at::matmul(adapter.b, adapter.a) * adapter.scaling, 2, at::IntArrayRef{1});
}

}  // namespace

at::Tensor Linear::forward(const at::Tensor& x, const at::Tensor& keep) const {
  const at::Tensor y = at::linear(x, weight, bias);
  if (!adapter) return y;
  const at::Tensor dropped = keep.defined() ? x * keep : x;
  const at::Tensor low_rank = at::linear(at::linear(dropped, adapter->a), adapter->b) * adapter->scaling;
  if (!adapter->is_dora()) return y + low_rank;
  const at::Tensor scale = adapter->magnitude / row_norms(weight, *adapter);
  // Without a mask the base's product is there already.
  const at::Tensor base = keep.defined() ? at::linear(dropped, weight) : bias.defined() ? y - bias : y;
  return y + (scale - 1) * base + scale * low_rank;
}

at::Tensor Linear::draw_mask(const at::Tensor& x, std::optional<at::Generator> generator) const {
  if (!adapter || adapter->dropout <= 0 || !generator) return {};
  return dropout_mask(x, adapter->dropout, *generator);
}

at::Tensor Linear::merged_weight() const {
  const at::NoGradGuard constant;
  if (!adapter) return weight;
  at::Tensor merged = weight + at::matmul(adapter->b, adapter->a) * adapter->scaling;
  if (adapter->is_dora()) merged.mul_((adapter->magnitude / row_norms(weight, *adapter)).unsqueeze(1));
  return merged;
}

at::Tensor dropout_mask(const at::Tensor& like, double p, at::Generator generator) {
  const at::NoGradGuard constant;
  // Drawn on the CPU whatever the device, so that the stream is the same everywhere.
  at::Tensor mask = at::empty(like.sizes(), at::kFloat).bernoulli_(1 - p, std::move(generator)).div_(1 - p);
  return mask.to(like.options());
}

}  // namespace dfpipe::detector
