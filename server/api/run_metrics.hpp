#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "api/site.hpp"

namespace dfpipe::server {

/// What the pipeline and the queue before it tell of themselves, in Prometheus' terms, as they are at the moment:
///   dfpipe_queue_depth                      gauge      pictures waiting for a place in the pipeline
///   dfpipe_node_seconds{node}               histogram  of calls; of very short ones a sample
///   dfpipe_node_items_total{node,result}    counter    result: ok, error, passed (an input was empty, or nobody
///   waited) dfpipe_batch_size{node}                 histogram  items in a call
class RunMetrics final : public prometheus::Collectable {
 public:
  explicit RunMetrics(const Site& site) : site_(site) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Site& site_;
};

}  // namespace dfpipe::server
