#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "mapped_file.hpp"

namespace dfpipe::detector {

/// Where a tensor lies in a safetensors file.
struct TensorEntry {
  at::ScalarType dtype = at::kFloat;
  std::vector<std::int64_t> shape;
  std::size_t begin = 0;  ///< bytes from the start of the file
  std::size_t end = 0;
};

/// A safetensors file (https://github.com/huggingface/safetensors, "Format"): 8 bytes header length, little endian;
/// a JSON header; row-major little-endian data. Opening maps the file and checks all of the header: length, JSON, no
/// name twice, known dtypes (F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL), shapes that fit their bytes, and data that are
/// covered by the tensors without overlap, gap or rest. Every error is a ModelError that names the file and, where
/// there is one, the tensor.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(std::filesystem::path file);

  const std::filesystem::path& path() const noexcept { return path_; }
  const std::map<std::string, TensorEntry>& entries() const noexcept { return entries_; }
  const std::map<std::string, std::string>& metadata() const noexcept { return metadata_; }
  bool has(const std::string& name) const { return entries_.contains(name); }

  /// Throws ModelError when there is no tensor of that name.
  const TensorEntry& entry(const std::string& name) const;
  /// A private copy, contiguous, on the CPU, in the file's dtype.
  at::Tensor load(const std::string& name) const;
  /// The tensor as it lies in the mapped file (a copy when it is not aligned): not to be written to. Its pages go out
  /// of memory with the tensor.
  at::Tensor view(const std::string& name) const;
  /// Gives back the memory of what has been read of a tensor; it stays readable.
  void forget(const std::string& name) const;

 private:
  void read_header();
  TensorEntry check_entry(const std::string& name, const nlohmann::json& json, std::size_t data_begin) const;
  void check_coverage(std::size_t data_begin) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path path_;
  std::shared_ptr<const MappedFile> map_;
  std::map<std::string, TensorEntry> entries_;
  std::map<std::string, std::string> metadata_;
};

/// "F32"; null for a dtype that the format does not have.
const char* safetensors_dtype(at::ScalarType dtype);

/// What a safetensors header says of one tensor.
struct TensorShape {
  std::string name;
  at::ScalarType dtype = at::kFloat;
  std::vector<std::int64_t> shape;
};

/// The first bytes of a safetensors file whose tensors follow one another in this order: length and JSON, padded so
/// that the data start at a multiple of 8 bytes. `where` begins the message of the ModelError for a dtype that the
/// format does not know.
std::string safetensors_head(const std::vector<TensorShape>& tensors,
                             const std::map<std::string, std::string>& metadata, const std::string& where);

/// Writes a safetensors file: to a temporary name beside it, synced, then renamed, so that readers see all or nothing.
/// The data start at a multiple of 8 bytes, wide dtypes first, so that every tensor is aligned; then by name. Throws
/// ModelError.
void write_safetensors(const std::filesystem::path& file, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace dfpipe::detector
