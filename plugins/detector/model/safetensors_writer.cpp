#include <ATen/ATen.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "error.hpp"
#include "json_file.hpp"
#include "safetensors.hpp"

namespace dfpipe::detector {
namespace {

const char* dtype_name(at::ScalarType dtype) {
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
    case at::kByte:
      return "U8";
    case at::kBool:
      return "BOOL";
    default:
      return nullptr;
  }
}

/// A new file beside `file`, removed again unless `publish` is reached.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& file)
      : file_(file), name_(file.string() + ".tmp" + std::to_string(getpid())) {
    fd_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd_ < 0) fail("cannot be created");
  }
  ~TemporaryFile() {
    if (fd_ >= 0) close(fd_);
    if (!published_) unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(const void* data, std::size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t n = ::write(fd_, at, size);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot be written");
      at += n;
      size -= static_cast<std::size_t>(n);
    }
  }

  /// Synced to the disk, and so is the folder's entry: after a power cut the name has the old file or the new one.
  void publish() {
    if (fsync(fd_) != 0 || close(std::exchange(fd_, -1)) != 0) fail("cannot be synced");
    if (rename(name_.c_str(), file_.c_str()) != 0) fail("cannot be renamed");
    published_ = true;
    const std::string folder = file_.has_parent_path() ? file_.parent_path().string() : ".";
    if (const int dir = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
      fsync(dir);
      close(dir);
    }
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw ModelError(file_.string() + ": " + what + ": " + std::strerror(errno));
  }

  std::filesystem::path file_;
  std::string name_;
  int fd_ = -1;
  bool published_ = false;
};

}  // namespace

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::vector<std::pair<std::string, at::Tensor>> in_order(tensors.begin(), tensors.end());
  std::ranges::stable_sort(in_order, std::ranges::greater(), [](const auto& t) { return t.second.element_size(); });
  std::size_t offset = 0;
  for (const auto& [name, tensor] : in_order) {
    const char* const dtype = dtype_name(tensor.scalar_type());
    if (dtype == nullptr || name == "__metadata__")
      throw ModelError(file.string() + ": tensor " + in_quotes(name) + " cannot be written: its " +
                       (dtype == nullptr ? "dtype is unknown to the format" : "name is reserved"));
    const std::size_t size = tensor.nbytes();
    header[name] = {{"dtype", dtype}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');

  TemporaryFile out(file);
  const std::uint64_t length = text.size();
  out.write(&length, 8);
  out.write(text.data(), text.size());
  for (const auto& [name, tensor] : in_order) {
    const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
    if (plain.nbytes() > 0) out.write(plain.data_ptr(), plain.nbytes());
  }
  out.publish();
}

}  // namespace dfpipe::detector
