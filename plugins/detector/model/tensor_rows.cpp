#include "tensor_rows.hpp"

#include <ATen/ATen.h>

#include "checkpoint.hpp"
#include "safetensors.hpp"
#include "temporary_file.hpp"

namespace dfpipe::detector {

std::string TensorRows::misfit(const at::Tensor& row) const {
  if (rows_ == 0 || row.sizes() == at::IntArrayRef(row_shape_)) return {};
  return "'" + name_ + "' is " + shape_text(row.sizes()) + " here and " + shape_text(row_shape_) +
         " in the rows before";
}

void TensorRows::append(const at::Tensor& row) {
  const at::Tensor plain = row.detach().to(at::kCPU, at::kFloat).contiguous();
  file_.append(plain.data_ptr(), plain.nbytes());
  row_shape_ = row.sizes().vec();
  ++rows_;
}

std::vector<std::int64_t> TensorRows::shape() const {
  std::vector<std::int64_t> all{rows_};
  all.insert(all.end(), row_shape_.begin(), row_shape_.end());
  return all;
}

void write_rows(const std::filesystem::path& file, std::vector<TensorRows>& tensors,
                const std::map<std::string, std::string>& metadata) {
  std::vector<TensorShape> shapes;
  for (const TensorRows& tensor : tensors) shapes.push_back({tensor.name(), at::kFloat, tensor.shape()});
  const std::string head = safetensors_head(shapes, metadata, file.string());
  TemporaryFile out(file);
  out.write(head.data(), head.size());
  for (TensorRows& tensor : tensors)
    tensor.file_.read([&](std::span<const char> piece) { out.write(piece.data(), piece.size()); });
  out.publish();
}

}  // namespace dfpipe::detector
