#include "tensor_rows.hpp"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "checkpoint.hpp"
#include "error.hpp"
#include "safetensors.hpp"
#include "temporary_file.hpp"

namespace dfpipe::detector {

TensorRows::TensorRows(std::string name, const std::filesystem::path& folder)
    : name_(std::move(name)), folder_(folder) {
  std::string pattern = (folder / ".rows.XXXXXX").string();
  fd_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (fd_ < 0) fail("no file can be made there");
  unlink(pattern.c_str());
}

TensorRows::~TensorRows() {
  if (fd_ >= 0) close(fd_);
}

TensorRows::TensorRows(TensorRows&& other) noexcept
    : name_(std::move(other.name_)),
      folder_(std::move(other.folder_)),
      fd_(std::exchange(other.fd_, -1)),
      rows_(other.rows_),
      row_shape_(std::move(other.row_shape_)) {}

void TensorRows::fail(const char* what) const {
  throw ModelError(folder_.string() + ": the rows of '" + name_ + "': " + what + ": " + std::strerror(errno));
}

void TensorRows::require_shape(const at::Tensor& row) const {
  if (rows_ > 0 && row.sizes() != at::IntArrayRef(row_shape_))
    throw ModelError("'" + name_ + "' is " + shape_text(row.sizes()) + " here and " + shape_text(row_shape_) +
                     " in the rows before");
}

void TensorRows::append(const at::Tensor& row) {
  require_shape(row);
  const at::Tensor plain = row.detach().to(at::kCPU, at::kFloat).contiguous();
  const char* at = static_cast<const char*>(plain.data_ptr());
  for (std::size_t left = plain.nbytes(); left > 0;) {
    const ssize_t n = ::write(fd_, at, left);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be written");
    at += n;
    left -= static_cast<std::size_t>(n);
  }
  row_shape_ = row.sizes().vec();
  ++rows_;
}

std::vector<std::int64_t> TensorRows::shape() const {
  std::vector<std::int64_t> all{rows_};
  all.insert(all.end(), row_shape_.begin(), row_shape_.end());
  return all;
}

void write_rows(const std::filesystem::path& file, const std::vector<TensorRows>& tensors,
                const std::map<std::string, std::string>& metadata) {
  std::vector<TensorShape> shapes;
  for (const TensorRows& tensor : tensors) shapes.push_back({tensor.name(), at::kFloat, tensor.shape()});
  const std::string head = safetensors_head(shapes, metadata, file.string());
  TemporaryFile out(file);
  out.write(head.data(), head.size());
  std::vector<char> piece(1u << 20);
  for (const TensorRows& tensor : tensors) {
    if (lseek(tensor.fd_, 0, SEEK_SET) != 0) tensor.fail("cannot be read");
    for (ssize_t n = 0; (n = read(tensor.fd_, piece.data(), piece.size())) != 0;) {
      if (n < 0 && errno != EINTR) tensor.fail("cannot be read");
      if (n > 0) out.write(piece.data(), static_cast<std::size_t>(n));
    }
  }
  out.publish();
}

}  // namespace dfpipe::detector
