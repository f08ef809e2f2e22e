#include "heads.hpp"

#include <ATen/ATen.h>

#include "torch_compat.hpp"

namespace dfpipe::detector {
namespace {

constexpr double norm_momentum = 0.1;

at::Tensor batch_norm(const at::Tensor& x, const BatchNorm& norm, bool training) {
  if (training) at::Tensor(norm.num_batches_tracked).add_(1);
  return at::batch_norm(x, norm.weight, norm.bias, norm.running_mean, norm.running_var, training, norm_momentum,
                        BatchNorm::epsilon, at::globalContext().userEnabledCuDNN());
}

/// Convolution 3x3 with padding 1, then batch norm. Without gradients or batch statistics the norm is a scale and a
/// shift of the convolution's own weights: that spares two passes over the largest tensors of the model.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const BatchNorm& norm,
                    bool training) {
  if (training || at::GradMode::is_enabled()) {
    // With the channels of a place side by side oneDNN need not put the planes into an order of its own and back.
    const auto order = at::MemoryFormat::ChannelsLast;
    return batch_norm(at::conv2d(x.contiguous(order), weight.contiguous(order), bias, 1, 1), norm, training);
  }
  const at::Tensor scale = norm.weight * at::rsqrt(norm.running_var + BatchNorm::epsilon);
  return at::conv2d(x, weight * scale.view({-1, 1, 1, 1}), (bias - norm.running_mean) * scale + norm.bias, 1, 1);
}

at::Tensor rectify(at::Tensor x) { return at::GradMode::is_enabled() ? at::relu(x) : at::relu_(x); }

}  // namespace

at::Tensor SpectrumBranch::features(const at::Tensor& spectrum, bool training) const {
  at::Tensor x = rectify(convolve(spectrum, conv1_weight, conv1_bias, norm1, training));
  x = at::max_pool2d(x, 2);
  x = rectify(convolve(x, conv2_weight, conv2_bias, norm2, training));
  return x.mean({2, 3});
}

at::Tensor SpectrumBranch::forward(const at::Tensor& spectrum, bool training) const {
  const at::Tensor x = spectrum.to(conv1_weight.device(), conv1_weight.scalar_type());
  const bool learns = training || at::GradMode::is_enabled();
  if (!learns)
    if (const at::Tensor planes = prepared->features(*this, x); planes.defined()) return rectify(out.forward(planes));
  if (learns || !x.device().is_cpu() || x.size(0) == 1) return rectify(out.forward(features(x, training)));
  // Picture by picture the planes (6 MB each) stay in the cache and in the allocator's reach; a whole batch of them
  // would be fresh pages from the kernel at every call.
  std::vector<at::Tensor> rows;
  for (std::int64_t row = 0; row < x.size(0); ++row) rows.push_back(features(x.narrow(0, row, 1), training));
  return rectify(out.forward(at::cat(rows)));
}

at::Tensor FusionHead::forward(const at::Tensor& fused, std::optional<at::Generator> generator) const {
  at::Tensor x = rectify(hidden.forward(fused.to(hidden.weight.device(), hidden.weight.scalar_type())));
  if (generator && dropout > 0) x = x * dropout_mask(x, dropout, *generator);
  return out.forward(x);
}

}  // namespace dfpipe::detector
