#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "row_file.hpp"

namespace dfpipe::detector {

/// A tensor [N,…] of float32 that grows row by row on the disk, because N is known at the end only.
class TensorRows {
 public:
  /// `folder`: where the rows are kept meanwhile. Throws ModelError, as all members do when the disk is full.
  TensorRows(std::string name, const std::filesystem::path& folder) : name_(std::move(name)), file_(folder, name_) {}

  /// Why `row` cannot follow the rows before, which have another shape; empty: it can.
  std::string misfit(const at::Tensor& row) const;
  void append(const at::Tensor& row);

  const std::string& name() const noexcept { return name_; }
  std::int64_t count() const noexcept { return rows_; }
  /// [N,…]
  std::vector<std::int64_t> shape() const;

 private:
  friend void write_rows(const std::filesystem::path&, std::vector<TensorRows>&,
                         const std::map<std::string, std::string>&);

  std::string name_;
  RowFile file_;
  std::int64_t rows_ = 0;
  std::vector<std::int64_t> row_shape_;
};

/// One safetensors file of them all, written as `write_safetensors` does.
void write_rows(const std::filesystem::path& file, std::vector<TensorRows>& tensors,
                const std::map<std::string, std::string>& metadata);

}  // namespace dfpipe::detector
