#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "http/http_server.hpp"

namespace dfpipe::server {

/// A finished request as one JSON object, without a line end: time (RFC 3339, UTC, milliseconds, when it finished),
/// request_id, remote, method, route, target, status, code, received, sent, ms, key. Only ASCII: what is not valid
/// UTF-8 becomes U+FFFD, and control and other characters are escaped, so that no client writes to a terminal through
/// it.
std::string access_line(const AccessRecord& record, std::chrono::system_clock::time_point time);

/// The access log: one line a request. All functions for any thread.
class AccessLog {
 public:
  /// `where`: a file, which is appended to, "-" for stderr, empty for none. Throws std::runtime_error when the file
  /// cannot be opened.
  explicit AccessLog(const std::string& where);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  ~AccessLog();

  /// Each line goes out in one write, whole lines of other processes beside it. Never throws because of a full disk:
  /// the line is lost and counted, and the first loss is warned of.
  void write(const AccessRecord& record);
  std::uint64_t lost() const;

 private:
  void lose(int why);

  std::string where_;
  int descriptor_ = -1;
  mutable std::mutex mutex_;
  bool torn_ = false;  ///< a part of a line stands at the end
  std::uint64_t lost_ = 0;
};

}  // namespace dfpipe::server
