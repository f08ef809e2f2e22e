#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <omp.h>

#include "heads.hpp"
#include "initial_weights.hpp"

/// The spectrum's branch on one thread, pictures of 224x224: with own kernels, as LibTorch's operations compute it, and
/// a large matrix product to compare with. The argument is the number of pictures in a call. Times are the process's
/// CPU times, so that other programs disturb little. `operations`: of the definition, a multiply-add counts twice; own
/// kernels can exceed the matrix product's rate, as Winograd's form of a convolution needs fewer.
namespace {

using namespace dfpipe::detector;
using benchmark::Counter;

constexpr double side = 224;
constexpr double operations = 2 * 9 * 32 * side * side + 2 * 9 * 32 * 64 * (side / 2) * (side / 2);

void forward(benchmark::State& state, const SpectrumBranch& branch) {
  const at::NoGradGuard constant;
  omp_set_num_threads(1);
  const at::Tensor spectra = at::rand({state.range(0), 1, 224, 224}) * 10;
  branch.forward(spectra, false);
  for (auto _ : state) benchmark::DoNotOptimize(branch.forward(spectra, false));
  const auto pictures = static_cast<double>(state.iterations() * state.range(0));
  state.counters["pictures"] = Counter(pictures, Counter::kIsRate);
  state.counters["operations"] = Counter(pictures * operations, Counter::kIsRate);
}

void own_kernels(benchmark::State& state) {
  Heads heads(64);
  start_heads(heads, 1);
  forward(state, heads.spectrum);
}

/// Tensors of inference mode have no versions, so that nothing is prepared from them.
void libtorch(benchmark::State& state) {
  const c10::InferenceMode guard;
  Heads heads(64);
  start_heads(heads, 1);
  forward(state, heads.spectrum);
}

void matrix_product(benchmark::State& state) {
  const at::NoGradGuard constant;
  omp_set_num_threads(1);
  constexpr std::int64_t n = 1024;
  const at::Tensor a = at::rand({n, n}), b = at::rand({n, n});
  at::Tensor y = at::empty({n, n});
  for (auto _ : state) at::matmul_out(y, a, b);
  state.counters["operations"] = Counter(2.0 * n * n * n * static_cast<double>(state.iterations()), Counter::kIsRate);
}

BENCHMARK(own_kernels)->Arg(1)->Arg(8)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(libtorch)->Arg(1)->Arg(8)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(matrix_product)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
