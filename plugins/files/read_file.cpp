#include "read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "dfpipe/error.hpp"

namespace dfpipe::files {
namespace {

constexpr std::uint64_t chunk = 4 << 20;  // between two looks at the stop token

[[noreturn]] void fail(int why) {
  const bool missing = why == ENOENT || why == ENOTDIR;
  throw Error(std::string("the file cannot be read: ") + std::strerror(why), missing ? "not_found" : "unreadable");
}

void check_kind(const struct stat& info) {
  const mode_t mode = info.st_mode;
  const char* kind = S_ISDIR(mode)    ? "a folder"
                     : S_ISFIFO(mode) ? "a FIFO"
                     : S_ISSOCK(mode) ? "a socket"
                     : S_ISREG(mode)  ? nullptr
                                      : "a device";
  if (kind) throw Error(std::string("this is ") + kind + ", not a file", "not_a_file");
}

/// A folder stands in a listing when it has an image's name or when it could not be listed; tell which.
void check_folder(const std::filesystem::path& path, const struct stat& info) {
  if (S_ISDIR(info.st_mode) && ::access(path.c_str(), R_OK | X_OK) != 0)
    throw Error(std::string("the folder cannot be listed: ") + std::strerror(errno), "unreadable");
}

}  // namespace

std::optional<std::vector<std::uint8_t>> read_exactly(int descriptor, std::uint64_t size, const std::stop_token& stop) {
  std::vector<std::uint8_t> data(size);
  std::uint64_t done = 0;
  while (done < size) {
    if (stop.stop_requested()) return std::nullopt;
    const ssize_t n = ::read(descriptor, data.data() + done, std::min(chunk, size - done));
    if (n < 0 && errno != EINTR) fail(errno);
    if (n == 0)
      throw Error(
          "the file became shorter while it was read: " + std::to_string(done) + " bytes of " + std::to_string(size),
          "truncated");
    if (n > 0) done += static_cast<std::uint64_t>(n);
  }
  return data;
}

std::optional<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::uint64_t max_bytes,
                                                   const std::stop_token& stop) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) fail(errno);
  check_folder(path, info);
  check_kind(info);
  // Looked at again once open: the name may lead elsewhere by now. O_NONBLOCK keeps a FIFO from holding up the run.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) fail(errno);
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{descriptor};
  if (::fstat(descriptor, &info) != 0) fail(errno);
  check_kind(info);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > max_bytes)
    throw Error("the file has " + std::to_string(size) + " bytes, more than max_bytes = " + std::to_string(max_bytes),
                "too_large");
  return read_exactly(descriptor, size, stop);
}

}  // namespace dfpipe::files
