#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

namespace dfpipe::detector {

/// A low-rank adapter on one projection: LoRA (Hu et al. 2021) or, with magnitudes, DoRA (Liu et al. 2024).
struct Adapter {
  at::Tensor a;          ///< [r,in]
  at::Tensor b;          ///< [out,r]
  at::Tensor magnitude;  ///< [out]; undefined: plain LoRA
  double scaling = 1;    ///< alpha / r, or alpha / sqrt(r)
  double dropout = 0;    ///< on the adapter's input, in training

  bool is_dora() const { return magnitude.defined(); }
};

/// y = x Wᵀ + b, W [out,in], with an adapter beside it where there is one.
struct Linear {
  at::Tensor weight;
  at::Tensor bias;
  std::shared_ptr<Adapter> adapter;

  /// With an adapter, m the magnitude, s the scaling, n = ||W + s B A|| per output row (a constant to the gradient,
  /// DoRA section 4.3) and x' = dropout(x):
  ///
  ///     LoRA: y + s x' Aᵀ Bᵀ        DoRA: y + (m/n - 1) x' Wᵀ + (m/n) s x' Aᵀ Bᵀ
  ///
  /// `keep` is the dropout's mask, already divided by 1 - p; undefined: no dropout.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& keep = {}) const;

  /// The mask for `forward`, drawn from `generator`; undefined when there is nothing to drop.
  at::Tensor draw_mask(const at::Tensor& x, std::optional<at::Generator> generator) const;

  /// W with the adapter worked in: W + s B A, for DoRA scaled to norm m per output row. No gradient.
  at::Tensor merged_weight() const;
};

/// Multiplies by a mask of independent zeros (probability p) and 1/(1-p); undefined p = 0 masks are never made.
at::Tensor dropout_mask(const at::Tensor& like, double p, at::Generator generator);

}  // namespace dfpipe::detector
