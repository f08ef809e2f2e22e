#pragma once

#include "api/site.hpp"
#include "dfpipe/param.hpp"

namespace dfpipe::server {

/// Every limit of the endpoint, with its default.
struct EndpointParams : ParamSet {
  const std::string& address =
      text("address", "127.0.0.1", {.about = "to listen on; others than loopback need keys, or insecure"});
  const std::int64_t& port = integer("port", 5001, {.about = "to listen on; 0: any free one", .min = 0, .max = 65535});
  const std::int64_t& threads = integer("threads", 1, {.about = "for the network", .min = 1, .max = 64});
  const bool& insecure = boolean("insecure", false, {.about = "listen beyond loopback without a key"});
  const std::filesystem::path& keys =
      path("keys", "", {.about = "file of API keys, one 'NAME KEY' a line; empty: no key is wanted"});
  const std::vector<std::string>& origins =
      texts("origins", {}, {.about = "other origins whose pages may ask (CORS), such as http://localhost:5173"});
  const std::filesystem::path& page =
      path("page", "", {.about = "folder of the built page; empty: the one that was built with dfpipe"});
  const std::string& access_log =
      text("access_log", "", {.about = "JSON lines, one a request: a file, - for stderr; empty: none"});

  const std::int64_t& queue =
      integer("queue", 64, {.about = "pictures that may wait for the pipeline; 429 beyond", .min = 1, .max = 100'000});
  const std::int64_t& queue_bytes =
      integer("queue_bytes", 256'000'000, {.about = "size of the same", .unit = "bytes", .min = 1'000'000});
  const double& max_wait =
      real("max_wait", 10,
           {.about = "429 when a picture would wait longer, by the pace of the last ones", .unit = "s", .min = 0.001});
  const double& deadline =
      real("deadline", 30,
           {.about = "from a request's head to its answer; 504 beyond", .unit = "s", .min = 0.05, .max = 3600});
  const std::int64_t& upload_bytes =
      integer("upload_bytes", 20'000'000, {.about = "of one request", .unit = "bytes", .min = 1000});
  const std::int64_t& files =
      integer("files", 16, {.about = "pictures in one request, as far as the queue has places", .min = 1, .max = 1000});
  const std::int64_t& max_pixels = integer(
      "max_pixels", 50'000'000,
      {.about = "of a picture, told to clients; decode refuses beyond its own max_pixels", .unit = "pixels", .min = 1});
  const std::int64_t& min_face =
      integer("min_face", 48, {.about = "told to clients; see face-answer", .unit = "px", .min = 0});
  const std::int64_t& jobs = integer("jobs", 16, {.about = "jobs kept at once", .min = 1, .max = 10'000});
  const double& job_keep =
      real("job_keep", 600, {.about = "how long a finished job can be asked for", .unit = "s", .min = 1});
  const std::int64_t& job_files =
      integer("job_files", 1000, {.about = "pictures in one job", .min = 1, .max = 100'000});
  const std::int64_t& job_bytes =
      integer("job_bytes", 500'000'000, {.about = "of one job", .unit = "bytes", .min = 1000});

  const std::int64_t& connections = integer("connections", 512, {.about = "open at once", .min = 1, .max = 60'000});
  const std::int64_t& connections_per_address =
      integer("connections_per_address", 64, {.about = "of one client", .min = 1, .max = 60'000});
  const std::int64_t& streams = integer("streams", 64, {.about = "open event streams", .min = 1, .max = 60'000});
  const std::int64_t& header_bytes =
      integer("header_bytes", 32768, {.about = "of a request's head", .unit = "bytes", .min = 1024, .max = 1'048'576});
  const std::int64_t& header_fields =
      integer("header_fields", 64, {.about = "of a request's head", .min = 8, .max = 1024});
  const double& header_seconds = real("header_seconds", 10, {.about = "for a request's head", .unit = "s", .min = 0.1});
  const double& idle_seconds =
      real("idle_seconds", 15, {.about = "between two requests of a connection", .unit = "s", .min = 0.1});
  const double& body_grace =
      real("body_grace", 10, {.about = "then a body must have come at body_rate", .unit = "s", .min = 0.1});
  const double& body_rate = real("body_rate", 16384, {.about = "slowest upload", .unit = "bytes/s", .min = 1});
  const double& write_seconds =
      real("write_seconds", 30, {.about = "for an answer without progress", .unit = "s", .min = 0.1});
  const double& drain_delay =
      real("drain_delay", 0,
           {.about = "between readyz saying 503 and the end of listening", .unit = "s", .min = 0, .max = 600});
  const double& drain_seconds = real(
      "drain_seconds", 30, {.about = "for what was accepted when the server ends", .unit = "s", .min = 0, .max = 3600});

  Settings settings() const;
  PictureQueue::Limits queue_limits(int credits) const;
  Limits limits() const;
  /// Address, port, limits, keys, origins. Throws std::runtime_error: an open address without a key, a bad file of
  /// keys, a queue without room for the largest request.
  ServerConfig config() const;
};

}  // namespace dfpipe::server
