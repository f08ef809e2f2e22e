#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels.hpp"

namespace dfpipe::detector::cpu {

/// What happens to x Wᵀ + b before it is stored.
enum class Epilogue : std::uint8_t { none, quick_gelu, gelu, add };  ///< add: to what y holds

/// y = epilogue(x Wᵀ + b), W [out,in], with the weights packed once as oneDNN's matrix product wants them on this
/// processor (its "matmul" primitive with weights of format `any`). `run` may be called by several threads.
class PackedLinear {
 public:
  /// `weight` [out,in], a floating dtype, contiguous, on the CPU; read once, here. `bias` [out] float32, kept.
  /// `dtype` float32 or bfloat16: of the packed weights and of x.
  PackedLinear(const at::Tensor& weight, const at::Tensor& bias, at::ScalarType dtype);
  ~PackedLinear();
  PackedLinear(PackedLinear&&) noexcept;

  /// x [rows,in] of the weights' dtype; y [rows,out].
  void run(const Rows& x, std::int64_t rows, const Rows& y, Epilogue epilogue = Epilogue::none) const;

  std::int64_t in() const noexcept;
  std::int64_t out() const noexcept;
  std::size_t bytes() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether products with bfloat16 weights run on this processor's own instructions.
bool has_fast_bf16();

}  // namespace dfpipe::detector::cpu
