#include "nodes/endpoint_params.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "api/uploads.hpp"

namespace dfpipe::server {
namespace {

bool is_loopback(const std::string& address) {
  if (address == "localhost") return true;  // RFC 6761, 6.3
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

Settings EndpointParams::settings() const {
  return {.upload_bytes = static_cast<std::uint64_t>(upload_bytes),
          .job_bytes = static_cast<std::uint64_t>(job_bytes),
          .files = static_cast<std::size_t>(std::min(files, queue)),  // more could never be taken
          .job_files = static_cast<std::size_t>(job_files),
          .pixels = max_pixels,
          .min_face = min_face,
          .deadline = deadline,
          .jobs = static_cast<std::size_t>(jobs),
          .job_keep = job_keep,
          .api_key = !keys.empty()};
}

PictureQueue::Limits EndpointParams::queue_limits(int credits) const {
  return {.pictures = static_cast<std::size_t>(queue),
          .bytes = static_cast<std::uint64_t>(queue_bytes),
          .job_share = static_cast<std::size_t>(std::max(1, credits / 2)),
          .wait = max_wait};
}

Limits EndpointParams::limits() const {
  return {.connections = static_cast<std::size_t>(connections),
          .connections_per_address = static_cast<std::size_t>(connections_per_address),
          .streams = static_cast<std::size_t>(streams),
          .header_bytes = static_cast<std::size_t>(header_bytes),
          .header_fields = static_cast<std::size_t>(header_fields),
          .header_seconds = header_seconds,
          .idle_seconds = idle_seconds,
          .body_grace_seconds = body_grace,
          .body_rate = body_rate,
          .write_seconds = write_seconds};
}

ServerConfig EndpointParams::config() const {
  ServerConfig config;
  config.address = address;
  config.port = static_cast<std::uint16_t>(port);
  config.threads = static_cast<int>(threads);
  config.limits = limits();
  if (!keys.empty()) config.keys = read_keys(keys);
  if (!is_loopback(address) && config.keys.empty() && !insecure)
    throw std::runtime_error("address " + address +
                             " is open to others: give a file of keys (keys), or say insecure: true");
  const auto largest = static_cast<std::uint64_t>(upload_bytes) + form_bytes(static_cast<std::size_t>(files));
  if (largest > static_cast<std::uint64_t>(queue_bytes))
    throw std::runtime_error("queue_bytes " + std::to_string(queue_bytes) + " hold no request of upload_bytes " +
                             std::to_string(upload_bytes) + ": give at least " + std::to_string(largest));
  config.cors_origins = origins;
  return config;
}

}  // namespace dfpipe::server
