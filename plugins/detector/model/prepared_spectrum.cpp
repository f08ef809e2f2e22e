#include "prepared_spectrum.hpp"

#include <ATen/ATen.h>

#include "heads.hpp"

#ifdef DFPIPE_ONEDNN
#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>

#include "cpu/kernel_choice.hpp"
#include "cpu/packed_spectrum.hpp"
#endif

namespace dfpipe::detector {

#ifdef DFPIPE_ONEDNN
namespace {

/// With the norm's scale and shift worked in, in double.
cpu::Convolution folded(const at::Tensor& weight, const at::Tensor& bias, const BatchNorm& norm) {
  const at::Tensor scale =
      norm.weight.to(at::kDouble) * at::rsqrt(norm.running_var.to(at::kDouble) + BatchNorm::epsilon);
  const at::Tensor shift = (bias.to(at::kDouble) - norm.running_mean.to(at::kDouble)) * scale;
  return {weight.to(at::kDouble) * scale.view({-1, 1, 1, 1}), shift + norm.bias.to(at::kDouble)};
}

/// A tensor as it was when it was packed. It is kept, so that no other can come to lie at its place.
struct Seen {
  at::Tensor tensor;
  std::uint32_t version = 0;

  Seen() = default;
  explicit Seen(const at::Tensor& of) : tensor(of), version(static_cast<std::uint32_t>(of._version())) {}
  bool operator==(const Seen& other) const { return tensor.is_same(other.tensor) && version == other.version; }
};
using AllSeen = std::array<Seen, 14>;

bool plain(const at::Tensor& weight) {
  return weight.device().is_cpu() && weight.scalar_type() == at::kFloat && !weight.is_inference();
}

/// LibTorch's batch norm moves the running statistics without counting it as a change, but with each batch the branch
/// counts num_batches_tracked up.
AllSeen look_at(const SpectrumBranch& b) {
  const auto& [w1, m1, v1, a1, n1] = b.norm1;
  const auto& [w2, m2, v2, a2, n2] = b.norm2;
  return {Seen(b.conv1_weight),
          Seen(b.conv1_bias),
          Seen(b.conv2_weight),
          Seen(b.conv2_bias),
          Seen(w1),
          Seen(m1),
          Seen(v1),
          Seen(a1),
          Seen(n1),
          Seen(w2),
          Seen(m2),
          Seen(v2),
          Seen(a2),
          Seen(n2)};
}

}  // namespace

struct PreparedSpectrum::State {
  std::mutex mutex;
  AllSeen seen;
  std::shared_ptr<const cpu::PackedSpectrum> packed;

  std::shared_ptr<const cpu::PackedSpectrum> of(const SpectrumBranch& branch) {
    const AllSeen now = look_at(branch);
    const std::lock_guard lock(mutex);
    if (packed && now == seen) return packed;
    packed = std::make_shared<cpu::PackedSpectrum>(folded(branch.conv1_weight, branch.conv1_bias, branch.norm1),
                                                   folded(branch.conv2_weight, branch.conv2_bias, branch.norm2),
                                                   cpu::kernels());
    seen = now;
    return packed;
  }
};

at::Tensor PreparedSpectrum::features(const SpectrumBranch& branch, const at::Tensor& x) {
  const bool fits = x.device().is_cpu() && x.scalar_type() == at::kFloat && x.dim() == 4 && x.size(1) == 1 &&
                    x.size(2) >= 2 && x.size(3) >= 2;
  if (!fits || !plain(branch.conv1_weight) || !plain(branch.conv2_weight) || !plain(branch.norm1.running_var))
    return {};
  return state_->of(branch)->run(x.contiguous());
}
#else
struct PreparedSpectrum::State {};

at::Tensor PreparedSpectrum::features(const SpectrumBranch&, const at::Tensor&) { return {}; }
#endif

PreparedSpectrum::PreparedSpectrum() : state_(new State) {}
PreparedSpectrum::~PreparedSpectrum() = default;

}  // namespace dfpipe::detector
