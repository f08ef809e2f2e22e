#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "safetensors.hpp"

namespace dfpipe::detector {

/// The tensors of a Hugging Face folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
/// Throws ModelError: no weights, a shard that is missing or lies outside the folder, a tensor in the wrong shard or in
/// two.
class Checkpoint {
 public:
  explicit Checkpoint(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const noexcept { return folder_; }
  const std::vector<SafetensorsFile>& files() const noexcept { return files_; }
  /// Tensor name to the index of its file.
  const std::map<std::string, std::size_t>& names() const noexcept { return names_; }
  const SafetensorsFile& file_of(const std::string& name) const { return files_.at(names_.at(name)); }

 private:
  void open_shards(const std::filesystem::path& index_file);
  std::filesystem::path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::size_t> names_;
};

/// Throws ModelError when a number is NaN or infinite; `where` names file and tensor.
void require_finite(const at::Tensor& tensor, const std::string& where);

/// "2x3x4"; "a single number" for no dimensions.
std::string shape_text(at::IntArrayRef sizes);

/// "'a', 'b', 'c' and 5 more"
std::string list_text(const std::vector<std::string>& names);

}  // namespace dfpipe::detector
