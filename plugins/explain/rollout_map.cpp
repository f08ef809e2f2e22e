#include "rollout_map.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

namespace dfpipe::explain {
namespace {

/// `matrix` with its lowest entries set to 0; flat index 0 (CLS to CLS) is kept. Ties fall by place.
std::vector<float> discard_lowest(std::span<const float> matrix, double share) {
  std::vector<float> kept(matrix.begin(), matrix.end());
  const auto count = static_cast<std::ptrdiff_t>(share * static_cast<double>(matrix.size()));
  std::vector<std::uint32_t> places(matrix.size());
  std::iota(places.begin(), places.end(), 0u);
  const auto lower = [&](std::uint32_t a, std::uint32_t b) {
    return matrix[a] != matrix[b] ? matrix[a] < matrix[b] : a < b;
  };
  std::nth_element(places.begin(), places.begin() + count, places.end(), lower);
  for (std::ptrdiff_t i = 0; i < count; ++i)
    if (places[static_cast<std::size_t>(i)] != 0) kept[places[static_cast<std::size_t>(i)]] = 0;
  return kept;
}

/// row · A, with A = (F + I)/2 divided by its row sums.
void multiply(std::vector<float>& row, std::span<const float> fused, RowSums sums) {
  const std::size_t n = row.size();
  std::vector<float> next(n, 0.0f);
  std::vector<double> sum(n);
  for (std::size_t i = 0; i < n; ++i) {
    const float* const f = fused.data() + i * n;
    sum[i] = 0.5 * std::accumulate(f, f + n, 0.0) + 0.5;
    const auto weight = static_cast<float>(0.5 * row[i] / (sums == RowSums::rows ? sum[i] : 1));
    if (weight == 0) continue;
    for (std::size_t j = 0; j < n; ++j) next[j] += weight * f[j];
    next[i] += weight;
  }
  if (sums == RowSums::columns)
    for (std::size_t j = 0; j < n; ++j) next[j] = static_cast<float>(next[j] / sum[j]);
  row = std::move(next);
}

}  // namespace

at::Tensor cls_rollout(const std::vector<at::Tensor>& layers, const RolloutRule& rule) {
  if (layers.empty()) throw std::invalid_argument("there are no attentions");
  if (!(rule.discard >= 0 && rule.discard < 1)) throw std::invalid_argument("discard must lie in [0,1)");
  const at::Tensor& first = layers.front();
  for (const at::Tensor& layer : layers)
    if (layer.dim() != 3 || layer.size(1) != layer.size(2) || layer.size(1) < 2 || layer.sizes() != first.sizes() ||
        !layer.is_cpu() || layer.scalar_type() != at::kFloat)
      throw std::invalid_argument("the attentions must be [B,T,T] float32 on the CPU, alike in every layer");

  std::vector<at::Tensor> in_turn;
  for (const at::Tensor& layer : layers) in_turn.push_back(layer.contiguous());
  if (rule.order == LayerOrder::published) std::ranges::reverse(in_turn);

  const auto tokens = static_cast<std::size_t>(first.size(1));
  at::Tensor out = at::empty({first.size(0), first.size(1) - 1}, at::kFloat);
  for (std::int64_t b = 0; b < first.size(0); ++b) {
    std::vector<float> row(tokens, 0.0f);
    row[0] = 1;
    for (const at::Tensor& layer : in_turn) {
      const std::size_t size = tokens * tokens;
      const std::span<const float> fused(layer.data_ptr<float>() + static_cast<std::size_t>(b) * size, size);
      if (rule.discard > 0)
        multiply(row, discard_lowest(fused, rule.discard), rule.sums);
      else
        multiply(row, fused, rule.sums);
    }
    std::copy(row.begin() + 1, row.end(), out.data_ptr<float>() + b * out.size(1));
  }
  return out;
}

at::Tensor square_map(const at::Tensor& rows) {
  const auto n = rows.size(1);
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(n))));
  if (grid * grid != n) throw std::invalid_argument(std::to_string(n) + " patches are no square grid");
  const at::Tensor low = rows.amin(1, true);
  const at::Tensor range = rows.amax(1, true) - low;
  return at::where(range > 0, (rows - low) / range, at::zeros_like(rows)).view({-1, grid, grid});
}

}  // namespace dfpipe::explain
