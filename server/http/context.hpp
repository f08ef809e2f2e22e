#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "http/cors.hpp"
#include "http/http_server.hpp"
#include "http/key_ring.hpp"
#include "http/router.hpp"
#include "http/static_files.hpp"
#include "http/ticket.hpp"

namespace dfpipe::server {

/// What all sessions of one server have in common.
struct Context {
  Context(ServerConfig given, std::vector<Route> routes)
      : config(std::move(given)), router(std::move(routes)), cors(config.cors_origins), keys(config.keys) {
    exchanges->max_streams = config.limits.streams;
  }

  const ServerConfig config;
  const Router router;
  const Cors cors;
  const KeyRing keys;
  const std::shared_ptr<Exchange::Shared> exchanges = std::make_shared<Exchange::Shared>();
  std::atomic<bool> draining{false};

  void log(const std::string& message) const {
    if (config.log) config.log(message);
  }
};

}  // namespace dfpipe::server
