#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace dfpipe::detector {

/// "auto" (CUDA when there is one), "cpu", "cuda", "cuda:N", "mps" to a device that is there. Throws ModelError.
at::Device resolve_device(const std::string& wish);

/// "auto", "fp32", "bf16", "fp16" for that device. auto is fp32 on the CPU, whose numbers are then the reference's, and
/// fp16 on a GPU, as CLIP was published. Throws ModelError for fp16 without a GPU and for bf16 on a processor without
/// instructions for it.
at::ScalarType resolve_precision(const std::string& wish, at::Device device);

/// "fp32", "bf16", "fp16"
std::string precision_name(at::ScalarType dtype);

}  // namespace dfpipe::detector
