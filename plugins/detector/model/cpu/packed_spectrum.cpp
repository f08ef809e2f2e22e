#include "packed_spectrum.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <mutex>
#include <utility>
#include <vector>

#include "page_buffer.hpp"

namespace dfpipe::detector::cpu {
namespace {

std::int64_t padded(std::int64_t channels) {
  constexpr std::int64_t lanes = AttentionShape::lanes;
  return (channels + lanes - 1) / lanes * lanes;
}

/// Zeros behind the end of each dimension, up to `sizes`.
at::Tensor widened(const at::Tensor& from, at::IntArrayRef sizes) {
  at::Tensor to = at::zeros(sizes);
  at::Tensor part = to;
  for (std::int64_t i = 0; i < from.dim(); ++i) part = part.narrow(i, 0, from.size(i));
  part.copy_(from);
  return to;
}

/// G w Gᵀ of each 3x3 kernel, in double: [out,in,3,3] -> [16,in,out].
at::Tensor transformed(const at::Tensor& weight) {
  const at::Tensor g = at::zeros({4, 3}, at::kDouble);
  g[0][0].fill_(1);
  g[1].fill_(0.5);
  g[2].fill_(0.5);
  g[2][1].fill_(-0.5);
  g[3][2].fill_(1);
  const at::Tensor both = at::matmul(at::matmul(g, weight.to(at::kDouble)), g.t());
  return both.permute({2, 3, 1, 0}).reshape({16, weight.size(1), weight.size(0)});
}

}  // namespace

struct PackedSpectrum::State {
  const Kernels& kernels;
  std::int64_t channels1, channels2, wanted;
  at::Tensor first, first_bias, second, second_bias;

  std::mutex mutex;
  std::vector<PageBuffer> idle;  ///< scratch memory of calls that have ended

  PageBuffer take(std::size_t size) {
    {
      const std::lock_guard lock(mutex);
      while (!idle.empty()) {
        PageBuffer last = std::move(idle.back());
        idle.pop_back();
        if (last.size() >= size) return last;
      }
    }
    return PageBuffer(size);
  }
  void give_back(PageBuffer buffer) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(buffer));
  }
  SpectrumWeights weights() const {
    return {first.data_ptr<float>(), first_bias.data_ptr<float>(), second.data_ptr<float>(),
            second_bias.data_ptr<float>()};
  }
};

PackedSpectrum::PackedSpectrum(const Convolution& first, const Convolution& second, const Kernels& kernels)
    : state_(new State{.kernels = kernels,
                       .channels1 = padded(first.weight.size(0)),
                       .channels2 = padded(second.weight.size(0)),
                       .wanted = second.weight.size(0)}) {
  const std::int64_t c1 = state_->channels1, c2 = state_->channels2;
  state_->first = widened(first.weight.reshape({first.weight.size(0), 9}).t(), {9, c1});
  state_->first_bias = widened(first.bias, {c1});
  state_->second = widened(transformed(second.weight), {16, c1, c2});
  state_->second_bias = widened(second.bias, {c2});
}

PackedSpectrum::~PackedSpectrum() = default;

at::Tensor PackedSpectrum::run(const at::Tensor& pictures) const {
  const std::int64_t count = pictures.size(0);
  const SpectrumShape shape{pictures.size(2), pictures.size(3), state_->channels1, state_->channels2};
  const std::int64_t bands = shape.bands();
  const at::Tensor sums = at::zeros({count, bands, shape.channels2}, at::kDouble);
  const auto part = static_cast<std::size_t>(shape.scratch_size()) * sizeof(float);
  PageBuffer scratch = state_->take(part * static_cast<std::size_t>(at::get_num_threads()));
  const float* const from = pictures.data_ptr<float>();
  double* const to = sums.data_ptr<double>();
  at::parallel_for(0, count * bands, 1, [&](std::int64_t begin, std::int64_t end) {
    float* const own = scratch.as<float>() + at::get_thread_num() * shape.scratch_size();
    for (std::int64_t i = begin; i < end; ++i)
      state_->kernels.add_spectrum_band(from + i / bands * shape.height * shape.width, shape, state_->weights(),
                                        i % bands, own, to + i * shape.channels2);
  });
  state_->give_back(std::move(scratch));
  const auto places = static_cast<double>(shape.pooled_height() * shape.pooled_width());
  // Added up in the bands' order, not as a reduction of LibTorch's, which may depend on the threads.
  at::Tensor total = sums.select(1, 0).clone();
  for (std::int64_t band = 1; band < bands; ++band) total += sums.select(1, band);
  return (total / places).narrow(1, 0, state_->wanted).to(at::kFloat);
}

}  // namespace dfpipe::detector::cpu
