#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "error.hpp"
#include "json_file.hpp"
#include "safetensors.hpp"
#include "temporary_file.hpp"

namespace dfpipe::detector {
const char* safetensors_dtype(at::ScalarType dtype) {
  switch (dtype) {
    case at::kDouble:
      return "F64";
    case at::kFloat:
      return "F32";
    case at::kHalf:
      return "F16";
    case at::kBFloat16:
      return "BF16";
    case at::kLong:
      return "I64";
    case at::kInt:
      return "I32";
    case at::kShort:
      return "I16";
    case at::kChar:
      return "I8";
    case at::kByte:
      return "U8";
    case at::kBool:
      return "BOOL";
    default:
      return nullptr;
  }
}

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::vector<std::pair<std::string, at::Tensor>> in_order(tensors.begin(), tensors.end());
  std::ranges::stable_sort(in_order, std::ranges::greater(), [](const auto& t) { return t.second.element_size(); });
  std::size_t offset = 0;
  for (const auto& [name, tensor] : in_order) {
    const char* const dtype = safetensors_dtype(tensor.scalar_type());
    if (dtype == nullptr || name == "__metadata__")
      throw ModelError(file.string() + ": tensor " + in_quotes(name) + " cannot be written: its " +
                       (dtype == nullptr ? "dtype is unknown to the format" : "name is reserved"));
    const std::size_t size = tensor.nbytes();
    header[name] = {{"dtype", dtype}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');

  TemporaryFile out(file);
  const std::uint64_t length = text.size();
  out.write(&length, 8);
  out.write(text.data(), text.size());
  for (const auto& [name, tensor] : in_order) {
    const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
    if (plain.nbytes() > 0) out.write(plain.data_ptr(), plain.nbytes());
  }
  out.publish();
}

}  // namespace dfpipe::detector
