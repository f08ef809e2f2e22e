#include "gemm.hpp"

#include <ATen/ATen.h>

namespace dfpipe::detector {
namespace {

bool wants_onednn(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  constexpr std::int64_t worth_it = 1 << 22;  // multiply-adds; below, preparing a primitive costs more than it saves
  static const bool available = at::hasMKLDNN() && !at::hasMKL();
  return available && !at::GradMode::is_enabled() && x.is_cpu() && x.scalar_type() == at::kFloat &&
         weight.scalar_type() == at::kFloat && bias.defined() && weight.is_contiguous() &&
         x.numel() * weight.size(0) >= worth_it;
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (!wants_onednn(x, weight, bias)) return at::linear(x, weight, bias);
  // LibTorch reaches oneDNN's float32 GEMM through convolutions: with a 1x1 kernel over an image of `rows` pixels,
  // channels last, it is the same product on the same memory, without a copy of x or of the result.
  const std::int64_t in = weight.size(1), out = weight.size(0), rows = x.numel() / in;
  const at::Tensor image = x.contiguous().view({1, rows, 1, in}).permute({0, 3, 1, 2});
  const at::Tensor kernel = weight.view({out, in, 1, 1});
  const at::Tensor y = at::mkldnn_convolution(image, kernel, bias, {0, 0}, {1, 1}, {1, 1}, 1);
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = out;
  return y.permute({0, 2, 3, 1}).reshape(shape);
}

}  // namespace dfpipe::detector
