#include "durable.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "dfpipe/error.hpp"
#include "dfpipe/node.hpp"

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = 1 << 20;

/// 0, or the errno of the write that failed.
int write_all(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(descriptor, data, size);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) {
      data += n;
      size -= static_cast<std::size_t>(n);
    }
  }
  return 0;
}

}  // namespace

void fail_write(const fs::path& path, int why) {
  throw Fatal(path.string() + ": cannot be written: " + std::strerror(why));
}

void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail_write(folder, errno);
  const int why = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  if (why != 0 && why != EINVAL) fail_write(folder, why);  // EINVAL: a file system that syncs no folders
}

PartFile::PartFile(const fs::path& path) : PartFile(path, path.string() + ".part") {}

PartFile::PartFile(fs::path path, fs::path part) : path_(std::move(path)), part_(std::move(part)) {
  descriptor_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_write(part_, errno);
}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(part_.c_str());
}

void PartFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= buffer_bytes) flush();
}

void PartFile::flush() {
  if (const int why = write_all(descriptor_, buffer_.data(), buffer_.size()); why != 0) fail_write(path_, why);
  buffer_.clear();
}

void PartFile::finish(Durability durability) {
  flush();
  if (durability == Durability::power && ::fsync(descriptor_) != 0) fail_write(path_, errno);
  if (::rename(part_.c_str(), path_.c_str()) != 0) fail_write(path_, errno);
  const int why = ::close(std::exchange(descriptor_, -1)) != 0 ? errno : 0;
  if (why != 0) fail_write(path_, why);
  if (durability == Durability::power) sync_folder(path_.parent_path());
}

void write_whole(const fs::path& path, std::span<const std::uint8_t> data, Durability durability, fs::path part) {
  PartFile file(path, std::move(part));
  file.write({reinterpret_cast<const char*>(data.data()), data.size()});
  file.finish(durability);
}

void write_whole(const fs::path& path, std::span<const std::uint8_t> data, Durability durability) {
  write_whole(path, data, durability, path.string() + ".part");
}

void write_whole(const fs::path& path, std::string_view text, Durability durability) {
  write_whole(path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), durability);
}

fs::path own_part(const fs::path& folder) {
  static std::atomic<std::uint64_t> number{0};
  return folder / (".part-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
}

void move_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) fail_write(to, errno);
}

GrowingFile::GrowingFile(fs::path path, Start start) : path_(std::move(path)) {
  const int how = start == Start::empty ? O_TRUNC : 0;
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | how, 0666);
  if (descriptor_ < 0) fail_write(path_, errno);
  struct stat info {};
  if (::fstat(descriptor_, &info) != 0) {
    const int why = errno;
    ::close(descriptor_);
    fail_write(path_, why);
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
}

GrowingFile::GrowingFile(fs::path path, std::uint64_t size) : GrowingFile(std::move(path), Start::append) {
  if (size_ < size)
    throw Fatal(path_.string() + ": has " + std::to_string(size_) + " bytes, " + std::to_string(size) +
                " were written: it has been cut or replaced");
  if (size_ > size && ::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) fail_write(path_, errno);
  size_ = size;
}

GrowingFile::~GrowingFile() { ::close(descriptor_); }

void GrowingFile::append(std::string_view data) {
  if (const int why = write_all(descriptor_, data.data(), data.size()); why != 0) {
    // When even this fails, whoever reads the file next meets a part of a line or record, and cuts it.
    [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, static_cast<off_t>(size_));
    fail_write(path_, why);
  }
  size_ += data.size();
}

void GrowingFile::sync() {
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail_write(path_, errno);
}

void GrowingFile::rename(const fs::path& to) {
  if (::rename(path_.c_str(), to.c_str()) != 0) fail_write(to, errno);
  path_ = to;
}

void LineFile::append(const std::string& line) {
  std::string whole;
  whole.reserve(line.size() + 1);
  whole.append(line).push_back('\n');
  GrowingFile::append(whole);
}

FolderLock::FolderLock(const fs::path& folder) {
  const fs::path file = folder / ".lock";
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw std::runtime_error(folder.string() + ": cannot be written: " + std::strerror(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, pid.data(), pid.size(), 0) < 0)
      log(LogLevel::debug, file.string() + ": the process number could not be noted");
    return;
  }
  const int why = errno;
  char holder[32] = {};
  const ssize_t n = ::pread(descriptor_, holder, sizeof holder - 1, 0);
  if (why == EWOULDBLOCK) {
    ::close(descriptor_);
    const std::string pid(holder, n > 0 ? std::strcspn(holder, "\n") : 0);
    throw std::runtime_error(folder.string() + ": another run is writing there" +
                             (pid.empty() ? "" : " (process " + pid + ")") + "; choose another folder or wait for it");
  }
  // Some network file systems have no locks; better an unguarded run than none.
  log(LogLevel::warning, folder.string() + ": no lock against a second run: " + std::strerror(why));
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace dfpipe::files
