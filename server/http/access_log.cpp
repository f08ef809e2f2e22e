#include "http/access_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "dfpipe/node.hpp"
#include "http/rfc3339.hpp"

namespace dfpipe::server {

std::string access_line(const AccessRecord& record, std::chrono::system_clock::time_point time) {
  const nlohmann::ordered_json line = {{"time", rfc3339(time)},
                                       {"request_id", record.request_id},
                                       {"remote", record.remote},
                                       {"method", record.method},
                                       {"route", record.route},
                                       {"target", record.target},
                                       {"status", record.status},
                                       {"code", record.code},
                                       {"received", record.received},
                                       {"sent", record.sent},
                                       {"ms", std::round(record.seconds.count() * 1e6) / 1e3},
                                       {"key", record.key_name}};
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

AccessLog::AccessLog(const std::string& where) : where_(where) {
  if (where.empty()) return;
  descriptor_ = where == "-" ? STDERR_FILENO : ::open(where.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (descriptor_ < 0) throw std::runtime_error(where + ": the access log cannot be opened: " + std::strerror(errno));
}

AccessLog::~AccessLog() {
  if (descriptor_ >= 0 && descriptor_ != STDERR_FILENO) ::close(descriptor_);
}

void AccessLog::write(const AccessRecord& record) {
  if (descriptor_ < 0) return;
  const std::string line = access_line(record, std::chrono::system_clock::now()) + '\n';
  const std::lock_guard lock(mutex_);
  const std::string out = torn_ ? '\n' + line : line;
  ssize_t written = 0;
  do written = ::write(descriptor_, out.data(), out.size());
  while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(out.size())) {
    torn_ = false;
    return;
  }
  if (written > 0) torn_ = true;
  lose(written < 0 ? errno : ENOSPC);
}

void AccessLog::lose(int why) {
  if (++lost_ > 1) return;
  const std::string name = where_ == "-" ? "stderr" : where_;
  log(LogLevel::warning, name + ": the access log cannot be written: " + std::strerror(why) + "; lines are lost");
}

std::uint64_t AccessLog::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace dfpipe::server
