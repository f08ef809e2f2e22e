#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernels.hpp"
#include "model.hpp"
#include "operators.hpp"

namespace dfpipe::tflite {

/// A TensorFlow Lite model of convolutions, ready to run on the CPU in float32: pictures are [N,H,W,C], as in the file.
/// Eleven kinds of operators are known (see Kind), which is what the networks of MediaPipe's face landmarker consist
/// of. Constants are converted and packed once; what follows a convolution is done with it in one pass (fusion.hpp).
/// Convolutions run on own kernels, everything else on LibTorch.
class Graph {
 public:
  /// Throws FormatError that begins with `where`: not such a model, an operator that is not known (by name), shapes
  /// that contradict each other, more work than any model here could mean. The bytes are not needed afterwards.
  static Graph load(std::span<const std::byte> file, const std::string& where, KernelSets kernels = runnable_kernels());

  const std::vector<Shape>& inputs() const noexcept { return input_shapes_; }
  const std::vector<Shape>& outputs() const noexcept { return output_shapes_; }

  /// The work of one run.
  std::int64_t multiply_adds() const noexcept { return multiply_adds_; }

  /// `inputs`: contiguous float32 tensors of the shapes above. May be called by several threads at once.
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs) const;

 private:
  struct Step {
    Bound bound;
    std::size_t output;
    std::vector<std::size_t> last_read;  // tensors that nobody needs after this step
  };

  Graph(const Model& model, KernelSets kernels);
  void find_last_reads(const Model& model);

  std::vector<at::Tensor> constants_;  // by tensor; undefined for what is computed
  std::vector<Step> steps_;
  std::vector<std::size_t> inputs_, outputs_;
  std::vector<Shape> input_shapes_, output_shapes_;
  std::int64_t multiply_adds_ = 0;
};

}  // namespace dfpipe::tflite
