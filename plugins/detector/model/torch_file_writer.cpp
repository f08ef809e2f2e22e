#include "torch_file_writer.hpp"

#include <ATen/ATen.h>
#include <caffe2/serialize/inline_container.h>

#include <bit>

#include "error.hpp"
#include "temporary_file.hpp"

namespace dfpipe::detector {
namespace {

void append_number(std::string& to, std::uint64_t number, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) to += static_cast<char>(number >> (8 * i));
}

const char* storage_name(at::ScalarType dtype) {
  switch (dtype) {
    case at::kDouble:
      return "DoubleStorage";
    case at::kFloat:
      return "FloatStorage";
    case at::kHalf:
      return "HalfStorage";
    case at::kBFloat16:
      return "BFloat16Storage";
    case at::kLong:
      return "LongStorage";
    case at::kInt:
      return "IntStorage";
    case at::kShort:
      return "ShortStorage";
    case at::kChar:
      return "CharStorage";
    case at::kByte:
      return "ByteStorage";
    case at::kBool:
      return "BoolStorage";
    default:
      throw ModelError(std::string("a tensor of type ") + c10::toString(dtype) + " cannot be written for PyTorch");
  }
}

}  // namespace

void TorchFileWriter::text(const std::string& text) {
  pickle_ += 'X';
  append_number(pickle_, text.size(), 4);
  pickle_ += text;
}

void TorchFileWriter::integer(std::int64_t number) {
  const bool is_short = number == static_cast<std::int32_t>(number);
  pickle_ += is_short ? "J" : "\x8a\x08";  // BININT, LONG1
  append_number(pickle_, static_cast<std::uint64_t>(number), is_short ? 4 : 8);
}

void TorchFileWriter::number(double number) {
  pickle_ += 'G';
  append_number(pickle_, __builtin_bswap64(std::bit_cast<std::uint64_t>(number)), 8);
}

void TorchFileWriter::tuple(at::IntArrayRef numbers) {
  pickle_ += '(';
  for (const std::int64_t n : numbers) integer(n);
  pickle_ += 't';
}

void TorchFileWriter::tensor(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
  pickle_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
  text("storage");
  pickle_ += std::string("ctorch\n") + storage_name(plain.scalar_type()) + "\n";
  text(std::to_string(storages_.size()));
  text("cpu");
  integer(plain.numel());
  pickle_ += "tQ";
  integer(0);
  tuple(plain.sizes());
  tuple(plain.strides());
  truth(false);
  pickle_ += "ccollections\nOrderedDict\n)RtR";  // no backward hooks
  storages_.push_back(plain);
}

void TorchFileWriter::publish(const std::filesystem::path& file) {
  // LibTorch's writer takes no error from below it while it is destroyed, so it writes to memory, which has none.
  std::string container;
  caffe2::serialize::PyTorchStreamWriter writer([&](const void* data, std::size_t size) {
    container.append(static_cast<const char*>(data), size);
    return size;
  });
  const std::string pickle = pickle_ + '.';
  writer.writeRecord("data.pkl", pickle.data(), pickle.size());
  for (std::size_t i = 0; i < storages_.size(); ++i)
    writer.writeRecord("data/" + std::to_string(i), storages_[i].data_ptr(), storages_[i].nbytes());
  writer.writeEndOfFile();
  TemporaryFile out(file);
  out.write(container.data(), container.size());
  out.publish();
}

}  // namespace dfpipe::detector
