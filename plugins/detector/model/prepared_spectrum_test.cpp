#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "heads.hpp"
#include "initial_weights.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector {
namespace {

using namespace testing;

class PreparedSpectrumTest : public ::testing::Test {
 protected:
  PreparedSpectrumTest() {
    at::manual_seed(1);
    spectrum = at::rand({3, 1, 61, 47}) * 10;
    start_heads(heads, 1);
    heads.spectrum.norm1.running_mean.normal_();
    heads.spectrum.norm2.running_var.uniform_(0.5, 2);
  }

  at::Tensor prepared() const {
    const at::NoGradGuard constant;
    return heads.spectrum.forward(spectrum, false);
  }
  /// Where gradients are recorded LibTorch's operations do the work.
  at::Tensor by_libtorch() const {
    const at::AutoGradMode recorded(true);
    return heads.spectrum.forward(spectrum, false).detach();
  }

  Heads heads{64};
  at::Tensor spectrum;
};

TEST_F(PreparedSpectrumTest, GivesWhatLibTorchGives) { EXPECT_TRUE(close(prepared(), by_libtorch(), 2e-6, 2e-6)); }

TEST_F(PreparedSpectrumTest, FollowsEveryChangeOfTheWeights) {
  const at::NoGradGuard constant;
  at::Tensor before = prepared();
  for (auto& [name, tensor] : heads.parameters()) {
    if (!name.starts_with("fft_branch") || name.ends_with("num_batches_tracked")) continue;
    at::Tensor(tensor).mul_(1.25).add_(0.03);
    const at::Tensor after = prepared();
    EXPECT_FALSE(at::equal(after, before)) << name;
    EXPECT_TRUE(close(after, by_libtorch(), 1e-5, 1e-5)) << name;
    before = after;
  }
  heads.spectrum.conv2_weight = heads.spectrum.conv2_weight * 0.5;
  EXPECT_TRUE(close(prepared(), by_libtorch(), 1e-5, 1e-5)) << "another tensor";
}

TEST_F(PreparedSpectrumTest, FollowsTheRunningStatisticsOfTraining) {
  prepared();
  heads.spectrum.forward(spectrum, true);
  EXPECT_TRUE(close(prepared(), by_libtorch(), 1e-5, 1e-5));
}

TEST_F(PreparedSpectrumTest, ReadsSpectraOfAnyStrides) {
  spectrum = spectrum.transpose(2, 3);
  EXPECT_TRUE(close(prepared(), by_libtorch(), 2e-6, 2e-6));
}

TEST_F(PreparedSpectrumTest, LeavesOtherPrecisionsToLibTorch) {
  const at::Tensor wanted = prepared();
  heads.to(at::kCPU, at::kDouble);
  EXPECT_TRUE(close(prepared(), wanted, 2e-6, 2e-6));
  EXPECT_EQ(prepared().scalar_type(), at::kDouble);
}

}  // namespace
}  // namespace dfpipe::detector
