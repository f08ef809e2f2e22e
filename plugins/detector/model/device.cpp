#include "device.hpp"

#include <ATen/ATen.h>

#include "clip_encoder.hpp"
#include "error.hpp"

namespace dfpipe::detector {

at::Device resolve_device(const std::string& wish) {
  if (wish == "auto") return at::hasCUDA() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.size() < 4 && text.find_first_not_of("0123456789") == std::string::npos;
  };
  const bool cuda = wish == "cuda" || (wish.starts_with("cuda:") && is_number(wish.substr(5)));
  if (wish == "cpu") return at::kCPU;
  if (!cuda && wish != "mps") throw ModelError("device '" + wish + "' is not known (auto, cpu, cuda, cuda:N, mps)");
  if (cuda && !at::hasCUDA()) throw ModelError("device '" + wish + "': this LibTorch finds no CUDA device");
  if (!cuda) {
    if (!at::hasMPS()) throw ModelError("device 'mps': this LibTorch has no Metal support");
    return at::Device("mps");
  }
  const int index = wish == "cuda" ? 0 : std::stoi(wish.substr(5));
  if (index >= static_cast<int>(at::detail::getCUDAHooks().getNumGPUs()))
    throw ModelError("device '" + wish + "': there are only " +
                     std::to_string(static_cast<int>(at::detail::getCUDAHooks().getNumGPUs())) + " CUDA devices");
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

at::ScalarType resolve_precision(const std::string& wish, at::Device device) {
  if (wish == "auto") return device.is_cuda() ? at::kHalf : at::kFloat;
  if (wish == "fp32") return at::kFloat;
  if (wish == "bf16") {
    if (device.is_cpu() && !has_fast_bf16())
      throw ModelError("precision 'bf16': this processor has neither AVX512-BF16 nor AMX; use fp32");
    return at::kBFloat16;
  }
  if (wish != "fp16") throw ModelError("precision '" + wish + "' is not known (auto, fp32, bf16, fp16)");
  if (device.is_cpu()) throw ModelError("precision 'fp16' needs a GPU; on the CPU use fp32 or bf16");
  return at::kHalf;
}

std::string precision_name(at::ScalarType dtype) {
  return dtype == at::kBFloat16 ? "bf16" : dtype == at::kHalf ? "fp16" : "fp32";
}

}  // namespace dfpipe::detector
