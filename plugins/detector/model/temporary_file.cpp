#include "temporary_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "error.hpp"

namespace dfpipe::detector {

TemporaryFile::TemporaryFile(const std::filesystem::path& file)
    : file_(file), name_(file.string() + ".tmp" + std::to_string(getpid())) {
  fd_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd_ < 0) fail("cannot be created");
}

TemporaryFile::~TemporaryFile() {
  if (fd_ >= 0) close(fd_);
  if (!published_) unlink(name_.c_str());
}

void TemporaryFile::write(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(fd_, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be written");
    at += n;
    size -= static_cast<std::size_t>(n);
  }
}

void TemporaryFile::publish() {
  if (fsync(fd_) != 0 || close(std::exchange(fd_, -1)) != 0) fail("cannot be synced");
  if (rename(name_.c_str(), file_.c_str()) != 0) fail("cannot be renamed");
  published_ = true;
  const std::string folder = file_.has_parent_path() ? file_.parent_path().string() : ".";
  if (const int dir = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
    fsync(dir);
    close(dir);
  }
}

void TemporaryFile::fail(const char* what) const {
  throw ModelError(file_.string() + ": " + what + ": " + std::strerror(errno));
}

}  // namespace dfpipe::detector
