#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "dfpipe/value.hpp"

namespace dfpipe {

using Tensor = at::Tensor;

/// Head-fused attention of each layer, [B,T,T] float32 a layer, first layer first.
struct Attentions {
  std::vector<at::Tensor> layers;
};

/// The first dimension counts rows; tensors that agree in everything else (shape, dtype, device) can be joined.
template <>
struct Type<at::Tensor> {
  static constexpr std::string_view name = "tensor";
  static std::int64_t rows(const at::Tensor& t) { return t.dim() == 0 ? 1 : t.size(0); }
  static std::string row_key(const at::Tensor& t) {
    std::string key = std::string(t.dtype().name()) + t.device().str();
    for (std::int64_t d = 1; d < t.dim(); ++d) key += "," + std::to_string(t.size(d));
    return key;
  }
  static at::Tensor join(std::span<const at::Tensor* const> parts) {
    std::vector<at::Tensor> all;
    all.reserve(parts.size());
    for (const at::Tensor* p : parts) all.push_back(*p);
    return all.size() == 1 ? all.front() : at::cat(all, 0);
  }
  static std::vector<at::Tensor> split(const at::Tensor& whole, std::span<const std::int64_t> rows) {
    std::vector<at::Tensor> out;
    std::int64_t at = 0;
    for (std::int64_t n : rows) {
      const at::Tensor part = whole.narrow(0, at, n);
      // A view would keep the whole batch's memory as long as the last of its rows waits somewhere.
      out.push_back(rows.size() > 1 && part.is_cpu() && !part.requires_grad() ? part.clone() : part);
      at += n;
    }
    return out;
  }
};

template <>
struct Type<Attentions> {
  static constexpr std::string_view name = "attentions";
  static std::int64_t rows(const Attentions& a) { return a.layers.empty() ? 0 : a.layers.front().size(0); }
  static std::string row_key(const Attentions& a) {
    return std::to_string(a.layers.size()) + (a.layers.empty() ? "" : Type<at::Tensor>::row_key(a.layers.front()));
  }
  static Attentions join(std::span<const Attentions* const> parts) {
    Attentions all;
    for (std::size_t layer = 0; layer < parts.front()->layers.size(); ++layer) {
      std::vector<const at::Tensor*> rows;
      for (const Attentions* p : parts) rows.push_back(&p->layers[layer]);
      all.layers.push_back(Type<at::Tensor>::join(rows));
    }
    return all;
  }
  static std::vector<Attentions> split(const Attentions& whole, std::span<const std::int64_t> rows) {
    std::vector<Attentions> out(rows.size());
    for (const at::Tensor& layer : whole.layers) {
      auto parts = Type<at::Tensor>::split(layer, rows);
      for (std::size_t i = 0; i < parts.size(); ++i) out[i].layers.push_back(std::move(parts[i]));
    }
    return out;
  }
};

}  // namespace dfpipe
