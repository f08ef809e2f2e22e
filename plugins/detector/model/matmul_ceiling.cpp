#include "matmul_ceiling.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "torch_compat.hpp"

#ifdef DFPIPE_ONEDNN
#include "cpu/packed_linear.hpp"
#endif

namespace dfpipe::detector {
namespace {

double fastest(int tries, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e30;
  for (int i = 0; i < tries; ++i) {
    const auto start = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

}  // namespace

double matmul_ceiling(at::Device device, at::ScalarType dtype) {
  const at::NoGradGuard constant;
  constexpr int tries = 4;
  const std::int64_t n = device.is_cpu() ? 2048 : 8192;
  const at::Tensor a = at::randn({n, n}).to(device, dtype), b = at::randn({n, n}).to(device, dtype);
  const double operations = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  at::Tensor y = at::empty({n, n}, a.options());
  const int rounds = device.is_cpu() ? 1 : 20;  // a GPU's queue must be filled before it is waited for
  const auto library = [&] {
    for (int i = 0; i < rounds; ++i) at::matmul_out(y, a, b);
    wait_for(device);
  };
  library();
  double best = operations * rounds / fastest(tries, library);
#ifdef DFPIPE_ONEDNN
  if (device.is_cpu() && dtype != at::kHalf) {
    const bool bf16 = dtype == at::kBFloat16;
    const cpu::PackedLinear packed(b, at::zeros({n}), dtype);
    const auto product = [&] { packed.run({a.data_ptr(), n, bf16}, n, {y.data_ptr(), n, bf16}); };
    product();
    best = std::max(best, operations / fastest(tries, product));
  }
#endif
  return best;
}

}  // namespace dfpipe::detector
