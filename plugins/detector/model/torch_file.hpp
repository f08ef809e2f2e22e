#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mapped_file.hpp"
#include "pickle.hpp"
#include "zip_archive.hpp"

namespace dfpipe::detector {

/// A file of `torch.save` (torch/serialization.py): the zip of PyTorch 1.6 and later, or the older row of pickles with
/// the storages at the end. Its pickle is read as data, see Pickle and TorchMeaning: nothing in it is ever executed,
/// and a file that asks for more than tensors and plain values is refused. Little endian only. Opening checks names,
/// sizes and places and reads no numbers. Every error is a ModelError that begins with the file.
class TorchFile {
 public:
  explicit TorchFile(const std::filesystem::path& file);

  /// What was saved.
  Place root() const { return {pickle_->root(), where_}; }
  /// A private copy, contiguous, on the CPU, in the file's dtype; the storage's checksum is checked where the file has
  /// one. `view`: from this file.
  at::Tensor load(const TensorView& view) const;

 private:
  struct StoragePlace {
    std::string entry;  ///< of the zip
    std::size_t begin = 0, end = 0;
  };
  void open_zip();
  void open_legacy();
  std::uint64_t max_tensor_bytes() const;
  [[noreturn]] void fail(const std::string& what) const;

  MappedFile map_;
  std::string where_;
  std::optional<ZipArchive> zip_;
  std::optional<Pickle> pickle_;
  std::vector<StoragePlace> storages_;
};

}  // namespace dfpipe::detector
