#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <limits>
#include <tuple>

#include "cpu/kernel_choice.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector::cpu {
namespace {

using namespace dfpipe::detector::testing;

Rows rows_of(const at::Tensor& tensor) {
  return {tensor.data_ptr(), tensor.size(1), tensor.scalar_type() == at::kBFloat16};
}

/// Each instruction set that this processor can run, with both dtypes, against LibTorch's operations in double.
class KernelSets : public ::testing::TestWithParam<std::tuple<const Kernels*, at::ScalarType>> {
 protected:
  const Kernels& kernels = *std::get<0>(GetParam());
  const at::ScalarType dtype = std::get<1>(GetParam());
  const double atol = dtype == at::kFloat ? 2e-6 : 0, rtol = dtype == at::kFloat ? 2e-6 : 1.0 / 256;
};

std::string name_of(const ::testing::TestParamInfo<KernelSets::ParamType>& info) {
  return std::string(std::get<0>(info.param)->name) + (std::get<1>(info.param) == at::kFloat ? "_fp32" : "_bf16");
}

INSTANTIATE_TEST_SUITE_P(Runnable, KernelSets,
                         ::testing::Combine(::testing::ValuesIn(runnable_kernels().begin(), runnable_kernels().end()),
                                            ::testing::Values(at::kFloat, at::kBFloat16)),
                         name_of);

TEST_P(KernelSets, LayerNormIsTheDefinition) {
  for (const std::int64_t width : {1, 7, 16, 33, 64, 1024}) {
    const at::Tensor x = at::randn({5, width}) * 3 + 2, weight = at::randn({width}), bias = at::randn({width});
    const at::Tensor y = at::empty({5, width}, dtype);
    kernels.layer_norm(x.data_ptr<float>(), 5, weight.data_ptr<float>(), bias.data_ptr<float>(), 1e-5, rows_of(y));
    const at::Tensor wanted = at::layer_norm(x.to(at::kDouble), {width}, weight.to(at::kDouble), bias.to(at::kDouble));
    EXPECT_TRUE(close(y, wanted, dtype == at::kFloat ? 5e-6 : 1e-6, rtol)) << width;
  }
}

TEST_P(KernelSets, AttentionIsTheDefinitionForAnyShape) {
  using Shape = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // tokens, heads, head size
  for (const auto& [tokens, heads, size] :
       {Shape{2, 1, 4}, {5, 2, 8}, {17, 3, 16}, {50, 2, 24}, {65, 1, 80}, {130, 2, 64}, {257, 2, 64}, {33, 1, 256}}) {
    const std::int64_t d = heads * size;
    const AttentionShape shape{tokens, heads, size};
    const at::Tensor qkv = (at::randn({tokens, 3 * d}) * 1.5).to(dtype), context = at::zeros({tokens, d}, dtype);
    const at::Tensor fused = at::empty({tokens, tokens});
    const at::Tensor packed = at::empty({heads, shape.packed_size()});
    const at::Tensor scores = at::empty({Kernels::max_queries, shape.padded_tokens()});
    for (std::int64_t head = 0; head < heads; ++head) {
      float* const of_head = packed[head].data_ptr<float>();
      kernels.pack_head(rows_of(qkv), shape, head, of_head);
      for (std::int64_t first = 0; first < tokens; first += Kernels::max_queries) {
        const std::int64_t count = std::min(Kernels::max_queries, tokens - first);
        kernels.attend(rows_of(qkv), shape, head, first, count, of_head, scores.data_ptr<float>(), rows_of(context));
        kernels.fuse(scores.data_ptr<float>(), shape, head, count, Fusion::mean, fused[first].data_ptr<float>());
      }
    }
    const at::Tensor parts = qkv.to(at::kDouble).view({tokens, 3, heads, size}).permute({1, 2, 0, 3});
    const at::Tensor products = at::matmul(parts[0], parts[1].transpose(1, 2)) / std::sqrt(static_cast<double>(size));
    const at::Tensor wanted = at::softmax(products, -1);
    EXPECT_TRUE(close(fused, wanted.mean(0), 1e-6, 2e-5)) << tokens << " " << size;
    EXPECT_TRUE(close(context, at::matmul(wanted, parts[2]).transpose(0, 1).reshape({tokens, d}),
                      dtype == at::kFloat ? 2e-5 : 1e-5, rtol))
        << tokens << " " << size;
  }
}

TEST_P(KernelSets, FusionTakesTheMeanTheLargestOrTheSmallest) {
  const AttentionShape shape{20, 3, 16};
  const at::Tensor scores = at::rand({3, 4, shape.padded_tokens()});
  for (const auto fusion : {Fusion::mean, Fusion::max, Fusion::min}) {
    const at::Tensor fused = at::full({4, 20}, 99.0);
    for (std::int64_t head = 0; head < 3; ++head)
      kernels.fuse(scores[head].data_ptr<float>(), shape, head, 4, fusion, fused.data_ptr<float>());
    const at::Tensor used = scores.narrow(2, 0, 20);
    EXPECT_TRUE(close(fused,
                      fusion == Fusion::mean  ? used.mean(0)
                      : fusion == Fusion::max ? used.amax(0)
                                              : used.amin(0),
                      1e-6));
  }
}

TEST_P(KernelSets, PatchesAreCutAsAConvolutionReadsThem) {
  const at::Tensor picture = at::randn({3, 12, 12});
  const at::Tensor patches = at::empty({9, 3 * 4 * 4}, dtype);
  kernels.cut_patches(picture.data_ptr<float>(), 12, 4, rows_of(patches));
  const at::Tensor wanted = at::im2col(picture.unsqueeze(0), {4, 4}, {1, 1}, {0, 0}, {4, 4})[0].t();
  EXPECT_TRUE(at::equal(patches, wanted.to(dtype)));
}

TEST_P(KernelSets, WhatIsNoNumberStaysNoNumber) {
  const at::Tensor x = at::ones({2, 40}), weight = at::ones({40}), bias = at::zeros({40});
  x[1][39] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor y = at::empty({2, 40}, dtype);
  kernels.layer_norm(x.data_ptr<float>(), 2, weight.data_ptr<float>(), bias.data_ptr<float>(), 1e-5, rows_of(y));
  EXPECT_TRUE(at::isfinite(y[0]).all().item<bool>());
  EXPECT_TRUE(at::isnan(y[1]).all().item<bool>());
}

}  // namespace
}  // namespace dfpipe::detector::cpu
