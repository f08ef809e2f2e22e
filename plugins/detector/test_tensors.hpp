#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "safetensors.hpp"
#include "testing/scratch_folder.hpp"

namespace dfpipe::detector::testing {

inline const std::filesystem::path data = "tests/data/detector";

inline std::map<std::string, at::Tensor> load_all(const std::filesystem::path& file) {
  const SafetensorsFile from(file);
  std::map<std::string, at::Tensor> all;
  for (const auto& [name, entry] : from.entries()) all.emplace(name, from.load(name));
  return all;
}

/// |a - b| <= atol + rtol |b| everywhere; says the largest difference otherwise.
inline ::testing::AssertionResult close(const at::Tensor& a, const at::Tensor& b, double atol, double rtol = 0) {
  if (a.sizes() != b.sizes()) return ::testing::AssertionFailure() << "sizes " << a.sizes() << " and " << b.sizes();
  const at::Tensor difference = (a.to(at::kDouble) - b.to(at::kDouble)).abs();
  if ((difference <= b.to(at::kDouble).abs() * rtol + atol).all().item<bool>()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "largest difference " << difference.max().item<double>();
}

/// The message of the exception that `action` throws, "" when it throws none.
inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

using dfpipe::testing::ScratchFolder;

inline void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// `file` again, with one tensor replaced (or, undefined, left out) and its metadata kept.
inline void replace_tensor(const std::filesystem::path& file, const std::string& name, const at::Tensor& tensor) {
  auto all = load_all(file);
  const auto metadata = SafetensorsFile(file).metadata();
  all.erase(name);
  if (tensor.defined()) all[name] = tensor;
  write_safetensors(file, all, metadata);
}

}  // namespace dfpipe::detector::testing
