#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/exchange.hpp"

namespace dfpipe::server {

/// What a connection may cost. Times are seconds.
struct Limits {
  std::size_t connections = 512;
  std::size_t connections_per_address = 64;
  std::size_t streams = 64;          ///< open event streams, all together; 429 beyond
  std::size_t header_bytes = 32768;  ///< of a request's head
  std::size_t header_fields = 64;
  std::size_t requests_per_connection = 10'000;
  double header_seconds = 10;      ///< for the whole head, from its first byte
  double idle_seconds = 15;        ///< between requests
  double body_grace_seconds = 10;  ///< then the body must have come at `body_rate` on the whole
  double body_rate = 16384;        ///< bytes a second
  double write_seconds = 30;       ///< without progress
};

/// A finished request, for the log and the metrics. Nothing in it but `target` is chosen by the client.
struct AccessRecord {
  std::string request_id;
  std::string remote;   ///< address without port
  std::string method;   ///< GET, POST, …; "-" for any other word
  std::string route;    ///< Route::name, "static", "none" when no route fits, "-" when the head was refused
  std::string target;   ///< path without the query, at most 200 bytes; of a route with {name} parts the pattern
  unsigned status = 0;  ///< 0: the client left before an answer
  std::string code;     ///< of an error
  std::uint64_t received = 0, sent = 0;      ///< bytes of bodies
  std::chrono::duration<double> seconds{0};  ///< first byte of the head to last byte of the answer
  std::string key_name;                      ///< of the API key, if one was given
};

struct ServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 5001;  ///< 0: any free one
  int threads = 1;
  Limits limits;
  /// SHA-256 (32 bytes) of each key -> its name. Empty: no key is wanted.
  std::map<std::string, std::string> keys;
  std::vector<std::string> cors_origins;  ///< exact; empty: no CORS
  /// URL path -> file of the page, made by `load_static`.
  std::shared_ptr<const class StaticFiles> files;
  /// Once for each request, refused ones and those whose client left included. From a network thread: must not block.
  std::function<void(const AccessRecord&)> done;
  /// What went wrong inside, for the operator: the client is not told.
  std::function<void(const std::string&)> log;
};

/// Reads a file of keys: one "NAME KEY" a line, # comments; keys of at least 16 characters. Throws std::runtime_error
/// with file and line.
std::map<std::string, std::string> read_keys(const std::filesystem::path& file);

/// A Beast server on threads of its own. It answers what the header policy, the keys, the limits and the router decide,
/// serves the page's files, and hands the rest to the routes.
class HttpServer {
 public:
  HttpServer(ServerConfig config, std::vector<Route> routes);
  /// Ends at once; what is in flight is cut off.
  ~HttpServer();

  /// Binds and listens; throws std::runtime_error naming address and port.
  void start();
  /// After `start`.
  std::uint16_t port() const;
  /// Closes the listener and idle connections; connections end after the request they are in. Event streams go
  /// on. Returns at once.
  void begin_drain();
  /// Finishes event streams and waits until no request is left, `seconds` at most. False when some were cut off.
  bool finish_drain(double seconds);
  /// Requests whose head has been accepted and whose answer has not been given, streams apart. A draining pipeline has
  /// to wait for the pictures that may still come with them.
  std::size_t in_flight() const;
  std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dfpipe::server
