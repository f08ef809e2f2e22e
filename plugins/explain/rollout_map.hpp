#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace dfpipe::explain {

/// In which order the layers' matrices are multiplied. `published`: A_L … A_2 A_1, as Abnar & Zuidema (2020) define the
/// roll-out; `reversed`: A_1 A_2 … A_L, as some implementations do.
enum class LayerOrder : std::uint8_t { published, reversed };

/// Attention roll-out of the CLS token (Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3):
/// each layer's head-fused attention F becomes A = F/2 + I/2 with rows scaled to sum 1; the CLS row of the product of
/// all A, without its first entry, says how much each patch went into the CLS token.
///
/// Only that row is wanted, so a row vector is carried through the matrices: L products of T² instead of T³.
///
/// `layers`: [B,T,T] float32 each, on the CPU, first layer first. `discard` in [0,1): that share of a matrix' entries,
/// the lowest ones, is set to 0 first, the CLS token's attention to itself excepted. Gives [B,T-1] float32, at least 0.
/// Throws std::invalid_argument when the shapes are not those.
at::Tensor cls_rollout(const std::vector<at::Tensor>& layers, LayerOrder order, double discard);

/// Scales each row of [B,N] to [0,1] by its own minimum and maximum; a constant row becomes 0. Gives [B,g,g] with g² =
/// N; throws std::invalid_argument when N is no square.
at::Tensor square_map(const at::Tensor& rows);

}  // namespace dfpipe::explain
