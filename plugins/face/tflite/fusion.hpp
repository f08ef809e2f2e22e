#pragma once

#include <optional>

#include "model.hpp"

namespace dfpipe::tflite {

/// An operator together with what follows it at once and costs a pass over the picture when done alone: a convolution,
/// then perhaps the sum with an earlier picture (ADD), then perhaps RELU or PRELU.
struct Stage {
  Operator op;                               ///< its `output` is that of the last operator in the stage
  std::optional<std::size_t> residual;       ///< the other summand
  std::optional<std::size_t> slope;          ///< PRELU's
  Activation activation = Activation::none;  ///< after the sum
};

/// The model's operators in order, without DEQUANTIZE of constants, those that belong together in one stage. Two are
/// only joined when nobody else reads what lies between them.
std::vector<Stage> fuse(const Model& model);

}  // namespace dfpipe::tflite
