#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dfpipe::detector {

/// A tensor [N,…] of float32 that grows row by row on the disk, because N is known at the end only. The rows lie in a
/// file without a name: whatever ends the process leaves nothing behind.
class TensorRows {
 public:
  /// `folder`: where the rows are kept meanwhile. Throws ModelError, as all members do when the disk is full.
  TensorRows(std::string name, const std::filesystem::path& folder);
  ~TensorRows();
  TensorRows(TensorRows&& other) noexcept;
  TensorRows& operator=(TensorRows&&) = delete;

  /// Throws ModelError when `row` has not the shape of the rows before; nothing is written then.
  void require_shape(const at::Tensor& row) const;
  void append(const at::Tensor& row);

  const std::string& name() const noexcept { return name_; }
  /// [N,…]
  std::vector<std::int64_t> shape() const;

 private:
  friend void write_rows(const std::filesystem::path&, const std::vector<TensorRows>&,
                         const std::map<std::string, std::string>&);
  [[noreturn]] void fail(const char* what) const;

  std::string name_;
  std::filesystem::path folder_;
  int fd_ = -1;
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> row_shape_;
};

/// One safetensors file of them all, written as `write_safetensors` does.
void write_rows(const std::filesystem::path& file, const std::vector<TensorRows>& tensors,
                const std::map<std::string, std::string>& metadata);

}  // namespace dfpipe::detector
