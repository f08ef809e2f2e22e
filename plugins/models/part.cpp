#include "part.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "durable.hpp"

namespace dfpipe::models {
namespace {

namespace fs = std::filesystem;

/// An origin that cannot be read is none: the part is then begun again.
PartOrigin read_origin(const fs::path& notes) {
  std::ifstream in(notes, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  const auto text_at = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {text_at("url"), text_at("validator")};
}

void remove_file(const fs::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) files::fail_write(file, errno);
}

}  // namespace

Part::Part(fs::path target)
    : target_(std::move(target)), part_(target_.string() + ".part"), notes_(part_.string() + ".json") {
  descriptor_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor_ < 0) files::fail_write(part_, errno);
  struct stat info {};
  const int failed = ::fstat(descriptor_, &info) != 0 ? errno : S_ISREG(info.st_mode) ? 0 : EINVAL;
  if (failed != 0) {
    ::close(descriptor_);
    files::fail_write(part_, failed);
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
  if (size_ > 0) origin_ = read_origin(notes_);
}

Part::~Part() {
  ::close(descriptor_);
  if (size_ > 0) return;
  ::unlink(part_.c_str());
  ::unlink(notes_.c_str());
}

void Part::restart(PartOrigin origin) {
  if (::ftruncate(descriptor_, 0) != 0) files::fail_write(part_, errno);
  size_ = 0;
  origin_ = std::move(origin);
  const nlohmann::json json = {{"url", origin_.url}, {"validator", origin_.validator}};
  files::write_whole(notes_, json.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) + "\n",
                     files::Durability::process);
}

void Part::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) files::fail_write(part_, errno);
    size_ += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Part::finish() {
  if (::fsync(descriptor_) != 0) files::fail_write(part_, errno);
  if (::rename(part_.c_str(), target_.c_str()) != 0) files::fail_write(target_, errno);
  remove_file(notes_);
  const fs::path folder = target_.parent_path();
  files::sync_folder(folder.empty() ? fs::path(".") : folder);
}

void Part::remove() {
  if (::ftruncate(descriptor_, 0) != 0) files::fail_write(part_, errno);
  size_ = 0;
  origin_ = {};
  remove_file(notes_);
}

}  // namespace dfpipe::models
