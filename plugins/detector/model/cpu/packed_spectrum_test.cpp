#include "cpu/packed_spectrum.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <omp.h>

#include <limits>

#include "cpu/kernel_choice.hpp"
#include "test_tensors.hpp"

namespace dfpipe::detector::cpu {
namespace {

using namespace dfpipe::detector::testing;

Convolution random_convolution(std::int64_t in, std::int64_t out) {
  return {at::randn({out, in, 3, 3}) * 0.3, at::randn({out}) * 0.3};
}

/// LibTorch's operations in double.
at::Tensor by_definition(const at::Tensor& x, const Convolution& first, const Convolution& second) {
  const auto convolve = [](const at::Tensor& y, const Convolution& c) {
    return at::relu(at::conv2d(y, c.weight.to(at::kDouble), c.bias.to(at::kDouble), 1, 1));
  };
  return convolve(at::max_pool2d(convolve(x.to(at::kDouble), first), 2), second).mean({2, 3});
}

/// Each instruction set that this processor can run.
class SpectrumKernels : public ::testing::TestWithParam<const Kernels*> {
 protected:
  SpectrumKernels() { at::manual_seed(1); }
};

INSTANTIATE_TEST_SUITE_P(Runnable, SpectrumKernels,
                         ::testing::ValuesIn(runnable_kernels().begin(), runnable_kernels().end()),
                         [](const auto& tested) { return std::string(tested.param->name); });

TEST_P(SpectrumKernels, AreTheDefinitionForAnyShape) {
  struct Case {
    std::int64_t height, width, channels1, channels2;
  };
  for (const auto& [height, width, channels1, channels2] : {Case{2, 2, 1, 1},
                                                            {3, 2, 16, 16},
                                                            {4, 5, 3, 7},
                                                            {5, 19, 17, 33},
                                                            {18, 6, 32, 64},
                                                            {37, 53, 20, 40},
                                                            {50, 131, 33, 65},
                                                            {224, 224, 32, 64},
                                                            {223, 97, 32, 80}}) {
    const Convolution first = random_convolution(1, channels1), second = random_convolution(channels1, channels2);
    const at::Tensor pictures = at::rand({2, 1, height, width}) * 12;
    const PackedSpectrum packed(first, second, *GetParam());
    const at::Tensor wanted = by_definition(pictures, first, second);
    // A channel's mean can be next to nothing beside what was added and taken away for it.
    EXPECT_TRUE(close(packed.run(pictures), wanted, 1e-6 * wanted.abs().max().item<double>(), 1e-6))
        << height << "x" << width << ", " << channels1 << " and " << channels2 << " channels";
  }
}

TEST_P(SpectrumKernels, GiveTheSameBitsForAnyNumberOfThreads) {
  const Convolution first = random_convolution(1, 32), second = random_convolution(32, 64);
  const PackedSpectrum packed(first, second, *GetParam());
  const at::Tensor pictures = at::rand({3, 1, 99, 120});
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const at::Tensor alone = packed.run(pictures);
  for (const int threads : {2, 3, 7}) {
    omp_set_num_threads(threads);
    EXPECT_TRUE(at::equal(packed.run(pictures), alone)) << threads;
  }
  omp_set_num_threads(before);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(at::equal(packed.run(pictures.narrow(0, i, 1)), alone.narrow(0, i, 1)));
}

TEST_P(SpectrumKernels, KeepWhatIsNoNumber) {
  const PackedSpectrum packed(random_convolution(1, 16), random_convolution(16, 16), *GetParam());
  const at::Tensor pictures = at::rand({2, 1, 21, 20});
  pictures[1][0][7][13] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor means = packed.run(pictures);
  EXPECT_TRUE(at::isfinite(means[0]).all().item<bool>());
  EXPECT_TRUE(at::isnan(means[1]).all().item<bool>());
}

}  // namespace
}  // namespace dfpipe::detector::cpu
