#include "heads.hpp"

#include <ATen/ATen.h>

#include "torch_compat.hpp"

namespace dfpipe::detector {
namespace {

constexpr double norm_eps = 1e-5;
constexpr double norm_momentum = 0.1;

at::Tensor batch_norm(const at::Tensor& x, const BatchNorm& norm, bool training) {
  if (training) at::Tensor(norm.num_batches_tracked).add_(1);
  return at::batch_norm(x, norm.weight, norm.bias, norm.running_mean, norm.running_var, training, norm_momentum,
                        norm_eps, at::globalContext().userEnabledCuDNN());
}

at::Tensor rectify(at::Tensor x) { return at::GradMode::is_enabled() ? at::relu(x) : at::relu_(x); }

}  // namespace

at::Tensor SpectrumBranch::forward(const at::Tensor& spectrum, bool training) const {
  at::Tensor x = spectrum.to(conv1_weight.device(), conv1_weight.scalar_type());
  x = rectify(batch_norm(at::conv2d(x, conv1_weight, conv1_bias, 1, 1), norm1, training));
  x = at::max_pool2d(x, 2);
  x = rectify(batch_norm(at::conv2d(x, conv2_weight, conv2_bias, 1, 1), norm2, training));
  return rectify(out.forward(x.mean({2, 3})));
}

at::Tensor FusionHead::forward(const at::Tensor& fused, std::optional<at::Generator> generator) const {
  at::Tensor x = rectify(hidden.forward(fused.to(hidden.weight.device(), hidden.weight.scalar_type())));
  if (generator && dropout > 0) x = x * dropout_mask(x, dropout, *generator);
  return out.forward(x);
}

}  // namespace dfpipe::detector
