#include "row_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "error.hpp"

namespace dfpipe::detector {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;

}  // namespace

RowFile::RowFile(const std::filesystem::path& folder, std::string what) : folder_(folder), what_(std::move(what)) {
  std::string pattern = (folder / ".rows.XXXXXX").string();
  fd_ = mkostemp(pattern.data(), O_CLOEXEC);
  if (fd_ < 0) fail("no file can be made there");
  unlink(pattern.c_str());
}

RowFile::~RowFile() {
  if (fd_ >= 0) close(fd_);
}

RowFile::RowFile(RowFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      what_(std::move(other.what_)),
      buffer_(std::move(other.buffer_)),
      fd_(std::exchange(other.fd_, -1)) {}

void RowFile::append(const void* data, std::size_t size) {
  buffer_.append(static_cast<const char*>(data), size);
  if (buffer_.size() >= piece_bytes) flush();
}

void RowFile::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno != EINTR) fail("cannot be written");
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  buffer_.clear();
}

void RowFile::read(const std::function<void(std::span<const char>)>& take) {
  flush();
  std::string piece(piece_bytes, '\0');
  for (off_t at = 0;;) {
    const ssize_t n = pread(fd_, piece.data(), piece.size(), at);
    if (n == 0) return;
    if (n < 0 && errno != EINTR) fail("cannot be read");
    if (n < 0) continue;
    take(std::span(piece.data(), static_cast<std::size_t>(n)));
    at += n;
  }
}

void RowFile::fail(const char* how) const {
  throw ModelError(folder_.string() + ": the rows of '" + what_ + "': " + how + ": " + std::strerror(errno));
}

}  // namespace dfpipe::detector
