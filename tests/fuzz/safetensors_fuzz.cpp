#include "safetensors.hpp"

#include <ATen/ATen.h>

#include "error.hpp"
#include "input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dfpipe::detector;
  static InputFile input;
  const std::string path = input.holding(data, size);
  try {
    const SafetensorsFile file(path);
    for (const auto& [name, entry] : file.entries()) {
      const at::Tensor tensor = file.load(name);
      if (tensor.sizes() != at::IntArrayRef(entry.shape)) std::abort();
      if (!at::equal(tensor.view(-1).view(at::kByte), file.view(name).reshape(-1).view(at::kByte))) std::abort();
    }
  } catch (const ModelError&) {  // anything else is a finding
  }
  return 0;
}
