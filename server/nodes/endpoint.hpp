#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "api/site.hpp"
#include "dfpipe/resource.hpp"
#include "nodes/endpoint_params.hpp"

namespace dfpipe::server {

class AccessLog;

/// The web endpoint: a listening server, and the queue between it and the pipeline. It listens from the moment it is
/// opened and answers probes at once; pictures are taken when the pipeline asks for the first one.
class Endpoint final : public Resource {
 public:
  Endpoint();
  ~Endpoint() override;

  void open(OpenContext& context) override;
  Facts facts() const override;

  Site& site() { return *site_; }
  /// Pictures may come. `facts`: of everything that is open.
  void begin(const std::map<std::string, Facts>& facts);
  /// Not ready any more, then no new connections and requests; what was accepted is still given out by the queue, for
  /// `drain_seconds` at most. Returns at once; may be called again.
  void begin_drain();
  /// A second stop: all that waits is answered with 503, and `finish` waits for nobody.
  void discard();
  /// After the last item: waits until the answers have gone out, `drain_seconds` at most.
  void finish();

 private:
  void drain(const std::stop_token& stop);

  EndpointParams params_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<HttpServer> server_;
  std::once_flag draining_;
  Clock::time_point drain_began_{};
  std::atomic<bool> discarded_{false};
  std::jthread drainer_;
};

}  // namespace dfpipe::server

template <>
struct dfpipe::ResourceType<dfpipe::server::Endpoint> {
  static constexpr std::string_view name = "http-server";
};
