#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace dfpipe::explain {

/// In which order the layers' matrices are multiplied. `published`: A_L … A_2 A_1, as Abnar & Zuidema (2020) define the
/// roll-out; `reversed`: A_1 A_2 … A_L, as some implementations do.
enum class LayerOrder : std::uint8_t { published, reversed };

/// What the row sums of F/2 + I/2 divide. `rows`: each its own row, as Abnar & Zuidema (2020) define it; `columns`: sum
/// i divides column i, as the vit-explain program does. With mean-fused heads all sums are 1, and the two are the same.
enum class RowSums : std::uint8_t { rows, columns };

struct RolloutRule {
  LayerOrder order = LayerOrder::published;
  RowSums sums = RowSums::rows;
  double discard = 0;  ///< in [0,1): the share of a matrix' entries, the lowest ones, that is set to 0
};

/// Attention roll-out of the CLS token (Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3):
/// each layer's head-fused attention F becomes A = F/2 + I/2 with rows scaled to sum 1; the CLS row of the product of
/// all A, without its first entry, says how much each patch went into the CLS token. Discarding never takes the CLS
/// token's attention to itself.
///
/// Only that row is wanted, so a row vector is carried through the matrices: L products of T² instead of T³.
///
/// `layers`: [B,T,T] float32 each, on the CPU, first layer first. Gives [B,T-1] float32, at least 0. Throws
/// std::invalid_argument when the shapes are not those.
at::Tensor cls_rollout(const std::vector<at::Tensor>& layers, const RolloutRule& rule);

/// Scales each row of [B,N] to [0,1] by its own minimum and maximum; a constant row becomes 0. Gives [B,g,g] with g² =
/// N; throws std::invalid_argument when N is no square.
at::Tensor square_map(const at::Tensor& rows);

}  // namespace dfpipe::explain
