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

std::string safetensors_head(const std::vector<TensorShape>& tensors,
                             const std::map<std::string, std::string>& metadata, const std::string& where) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const TensorShape& tensor : tensors) {
    const char* const dtype = safetensors_dtype(tensor.dtype);
    if (dtype == nullptr || tensor.name == "__metadata__")
      throw ModelError(where + ": tensor " + in_quotes(tensor.name) + " cannot be written: its " +
                       (dtype == nullptr ? "dtype is unknown to the format" : "name is reserved"));
    const std::size_t size =
        static_cast<std::size_t>(c10::multiply_integers(tensor.shape)) * c10::elementSize(tensor.dtype);
    header[tensor.name] = {{"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + text;
}

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, at::Tensor>> in_order(tensors.begin(), tensors.end());
  std::ranges::stable_sort(in_order, std::ranges::greater(), [](const auto& t) { return t.second.element_size(); });
  std::vector<TensorShape> shapes;
  for (const auto& [name, tensor] : in_order) shapes.push_back({name, tensor.scalar_type(), tensor.sizes().vec()});
  const std::string head = safetensors_head(shapes, metadata, file.string());

  TemporaryFile out(file);
  out.write(head.data(), head.size());
  for (const auto& [name, tensor] : in_order) {
    const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
    if (plain.nbytes() > 0) out.write(plain.data_ptr(), plain.nbytes());
  }
  out.publish();
}

}  // namespace dfpipe::detector
