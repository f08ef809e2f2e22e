#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dfpipe::detector {

/// Writes what `torch.load` reads, also with weights_only=True: a pickle of protocol 2 in PyTorch's zip container.
/// Calls give the values in their order; in a dictionary each key (a text or a whole number) is followed by its value.
class TorchFileWriter {
 public:
  TorchFileWriter() : pickle_("\x80\x02") {}

  void begin_dict() { pickle_ += "}("; }
  void end_dict() { pickle_ += 'u'; }
  void begin_list() { pickle_ += "]("; }
  void end_list() { pickle_ += 'e'; }
  void text(const std::string& text);  ///< UTF-8
  void integer(std::int64_t number);
  void number(double number);
  void truth(bool truth) { pickle_ += truth ? '\x88' : '\x89'; }
  void none() { pickle_ += 'N'; }
  /// Any of PyTorch's number types that TorchFile reads. Throws ModelError for others.
  void tensor(const at::Tensor& tensor);

  /// Ends the pickle and writes the file: to a temporary name beside it, synced, then renamed. Throws ModelError.
  void publish(const std::filesystem::path& file);

 private:
  void tuple(at::IntArrayRef numbers);

  std::string pickle_;
  std::vector<at::Tensor> storages_;
};

}  // namespace dfpipe::detector
