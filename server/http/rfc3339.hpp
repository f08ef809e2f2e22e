#pragma once

#include <chrono>
#include <string>

namespace dfpipe::server {

/// "2026-01-31T09:30:00.250Z": UTC, cut to milliseconds (RFC 3339).
std::string rfc3339(std::chrono::system_clock::time_point time);

}  // namespace dfpipe::server
