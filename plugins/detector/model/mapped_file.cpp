#include "mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "error.hpp"

namespace dfpipe::detector {

MappedFile::MappedFile(const std::filesystem::path& file) {
  const auto fail = [&](int fd) {
    const std::string why = std::strerror(errno);
    if (fd >= 0) close(fd);
    throw ModelError(file.string() + ": " + why);
  };
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not wait for a writer
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) fail(fd);
  if (!S_ISREG(info.st_mode)) {
    close(fd);
    throw ModelError(file.string() + ": is no regular file");
  }
  size_ = static_cast<std::size_t>(info.st_size);
  if (size_ > 0) {
    void* const at = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) fail(fd);
    data_ = static_cast<const std::byte*>(at);
    madvise(at, size_, MADV_SEQUENTIAL);
  }
  close(fd);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::forget(std::size_t begin, std::size_t end) const noexcept {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t first = (begin + page - 1) / page * page;
  const std::size_t last = end / page * page;
  if (first < last) madvise(const_cast<std::byte*>(data_) + first, last - first, MADV_DONTNEED);
}

}  // namespace dfpipe::detector
