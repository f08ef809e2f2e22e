#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "fusion.hpp"
#include "kernels.hpp"

namespace dfpipe::tflite {

/// A stage made ready: weights packed, shapes checked against those that the file declares.
struct Bound {
  std::vector<std::size_t> reads;  ///< the tensors that `run` takes, in this order
  std::function<at::Tensor(const std::vector<at::Tensor>&)> run;
  std::int64_t multiply_adds = 0;
};

/// `constants`: by tensor index, float32 or int32, undefined for what is computed. Throws FormatError when an operand
/// has a shape or type that the operator cannot have, or when the result would not have the declared shape.
Bound bind_stage(const Stage& stage, const Model& model, const std::vector<at::Tensor>& constants, KernelSets kernels);

/// A CONV_2D or DEPTHWISE_CONV_2D and what is joined to it.
Bound bind_convolution(const Stage& stage, const Model& model, const std::vector<at::Tensor>& constants,
                       KernelSets kernels);

/// Along one side: how many places a filter of `filter` takes on `size`, and how many zeros come before and after.
struct Places {
  std::int64_t count = 0, before = 0, after = 0;
};
/// Throws FormatError when there is none.
Places places(std::int64_t size, std::int64_t filter, std::int64_t stride, Padding padding);

}  // namespace dfpipe::tflite
