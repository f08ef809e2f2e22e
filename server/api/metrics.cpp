#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>

#include "api/run_metrics.hpp"
#include "api/site.hpp"

namespace dfpipe::server {
namespace {

/// Whether a request was turned away because of its sender, its size or the load, before anybody looked at its picture.
bool is_rejection(const AccessRecord& record) {
  constexpr unsigned statuses[] = {401, 408, 413, 429, 431, 503, 504};
  return !record.code.empty() &&
         std::find(std::begin(statuses), std::end(statuses), record.status) != std::end(statuses);
}

/// Everything under /metrics. No label's value is chosen by a client.
class Metrics {
 public:
  explicit Metrics(const Site& site)
      : run_(site),
        requests_(prometheus::BuildCounter()
                      .Name("dfpipe_http_requests_total")
                      .Help("Requests by route, method and status; gone: the client left before the answer")
                      .Register(registry_)),
        seconds_(prometheus::BuildHistogram()
                     .Name("dfpipe_http_request_seconds")
                     .Help("Seconds from a request's first byte to its answer's last")
                     .Register(registry_)),
        rejected_(prometheus::BuildCounter()
                      .Name("dfpipe_rejected_total")
                      .Help("Requests that were turned away, by the error's code")
                      .Register(registry_)) {}

  void request(const AccessRecord& record) {
    const std::string code = record.status == 0 ? "gone" : std::to_string(record.status);
    requests_.Add({{"route", record.route}, {"method", record.method}, {"code", code}}).Increment();
    seconds_.Add({{"route", record.route}}, bounds()).Observe(record.seconds.count());
    if (is_rejection(record)) rejected_.Add({{"reason", record.code}}).Increment();
  }

  std::string text() const {
    auto families = registry_.Collect();
    for (auto& family : run_.Collect()) families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  static prometheus::Histogram::BucketBoundaries bounds() {
    return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  }

  prometheus::Registry registry_;
  RunMetrics run_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Counter>& rejected_;
};

}  // namespace

std::vector<Route> metrics_routes(Site& site) {
  const auto metrics = std::make_shared<Metrics>(site);
  site.on_request.emplace_back([metrics](const AccessRecord& record) { metrics->request(record); });
  return {{.method = "GET", .path = "/metrics", .name = "metrics", .handle = [metrics](const RequestHead&) {
             return answer_with([metrics](const Reply& reply) {
               reply.send({.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics->text()});
             });
           }}};
}

}  // namespace dfpipe::server
