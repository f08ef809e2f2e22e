#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "api/test_site.hpp"

namespace dfpipe::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsPage : public ::testing::Test {
 protected:
  MetricsPage() : api_({}, metrics_routes) {
    NodeStats clip{.name = "per-face/clip", .calls = 8, .items = 20, .errors = 3, .passed = 2, .total_seconds = 4};
    clip.histogram[5] = 1;   // below a microsecond
    clip.histogram[20] = 2;  // 1.05 to 2.1 ms
    clip.histogram[40] = 1;  // 18 minutes
    clip.batch_sizes = {{1, 3}, {3, 1}, {200, 1}};
    Snapshot run;
    run.nodes = {{.name = "requests", .is_source = true}, {.name = "decode"}, clip, {.name = "off", .is_off = true}};
    api_.run->set(run);
  }

  void request(const std::string& route, unsigned status, const std::string& code = "", double seconds = 0.003) {
    for (const auto& told : api_.site.on_request)
      told({.method = "POST",
            .route = route,
            .target = "/chosen/by/a/client",
            .status = status,
            .code = code,
            .seconds = std::chrono::duration<double>(seconds)});
  }

  std::string page() { return api_.get("/metrics").body; }

  TestSite api_;
};

TEST_F(MetricsPage, IsPrometheusText) {
  request("predict", 200);
  const auto answer = api_.get("/metrics");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const std::regex comment("# (HELP|TYPE) dfpipe_[a-z_]+ .+");
  const std::regex sample(R"re(dfpipe_[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? (\+Inf|[0-9.e+-]+))re");
  std::istringstream lines(answer.body);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(std::regex_match(line, comment) || std::regex_match(line, sample)) << line;
}

TEST_F(MetricsPage, CountsRequestsByRouteMethodAndStatus) {
  request("predict", 200);
  request("predict", 200);
  request("predict", 0);
  request("none", 404, "not_found");
  EXPECT_THAT(page(), AllOf(HasSubstr("# TYPE dfpipe_http_requests_total counter"),
                            HasSubstr(R"(dfpipe_http_requests_total{code="200",method="POST",route="predict"} 2)"),
                            HasSubstr(R"(dfpipe_http_requests_total{code="gone",method="POST",route="predict"} 1)"),
                            HasSubstr(R"(dfpipe_http_requests_total{code="404",method="POST",route="none"} 1)")));
}

TEST_F(MetricsPage, MeasuresRequests) {
  request("predict", 200, "", 0.003);
  request("predict", 200, "", 0.3);
  EXPECT_THAT(page(), AllOf(HasSubstr("# TYPE dfpipe_http_request_seconds histogram"),
                            HasSubstr(R"(dfpipe_http_request_seconds_bucket{route="predict",le="0.0025"} 0)"),
                            HasSubstr(R"(dfpipe_http_request_seconds_bucket{route="predict",le="0.005"} 1)"),
                            HasSubstr(R"(dfpipe_http_request_seconds_bucket{route="predict",le="+Inf"} 2)"),
                            HasSubstr(R"(dfpipe_http_request_seconds_sum{route="predict"} 0.303)")));
}

TEST_F(MetricsPage, CountsWhatWasTurnedAway) {
  request("predict", 429, "queue_full");
  request("predict", 413, "body_too_large");
  request("predict", 422, "corrupt");
  request("none", 404, "not_found");
  EXPECT_THAT(page(), AllOf(HasSubstr(R"(dfpipe_rejected_total{reason="queue_full"} 1)"),
                            HasSubstr(R"(dfpipe_rejected_total{reason="body_too_large"} 1)"),
                            Not(HasSubstr(R"(reason="corrupt")")), Not(HasSubstr(R"(reason="not_found")"))));
}

TEST_F(MetricsPage, NothingThatAClientChoosesIsThere) {
  request("none", 404, "not_found");
  EXPECT_THAT(page(), Not(HasSubstr("chosen")));
}

TEST_F(MetricsPage, TellsTheQueuesDepth) {
  EXPECT_THAT(page(), HasSubstr("dfpipe_queue_depth 0"));
  auto place = api_.site.queue.reserve(1);
  api_.site.queue.put(std::move(place), {make_task(api_.site, {}, {1}, [](const PictureAnswer&) {})});
  EXPECT_THAT(page(), HasSubstr("# TYPE dfpipe_queue_depth gauge\ndfpipe_queue_depth 1"));
}

TEST_F(MetricsPage, TellsWhatBecameOfTheItemsOfEachNode) {
  EXPECT_THAT(page(), AllOf(HasSubstr(R"(dfpipe_node_items_total{node="per-face/clip",result="ok"} 17)"),
                            HasSubstr(R"(dfpipe_node_items_total{node="per-face/clip",result="error"} 3)"),
                            HasSubstr(R"(dfpipe_node_items_total{node="per-face/clip",result="passed"} 2)"),
                            HasSubstr(R"(dfpipe_node_items_total{node="decode",result="ok"} 0)"),
                            Not(HasSubstr(R"(node="off")"))));
}

TEST_F(MetricsPage, MeasuresCallsOfNodes) {
  // Four of eight calls were timed: sum and count are of those.
  EXPECT_THAT(page(), AllOf(HasSubstr("# TYPE dfpipe_node_seconds histogram"),
                            HasSubstr(R"(dfpipe_node_seconds_bucket{node="per-face/clip",le="1.024e-06"} 1)"),
                            HasSubstr(R"(dfpipe_node_seconds_bucket{node="per-face/clip",le="0.001048576"} 1)"),
                            HasSubstr(R"(dfpipe_node_seconds_bucket{node="per-face/clip",le="0.002097152"} 3)"),
                            HasSubstr(R"(dfpipe_node_seconds_bucket{node="per-face/clip",le="+Inf"} 4)"),
                            HasSubstr(R"(dfpipe_node_seconds_sum{node="per-face/clip"} 2)"),
                            HasSubstr(R"(dfpipe_node_seconds_count{node="per-face/clip"} 4)"),
                            Not(HasSubstr(R"(dfpipe_node_seconds_count{node="requests"})"))));
}

TEST_F(MetricsPage, MeasuresBatches) {
  EXPECT_THAT(page(), AllOf(HasSubstr(R"(dfpipe_batch_size_bucket{node="per-face/clip",le="1"} 3)"),
                            HasSubstr(R"(dfpipe_batch_size_bucket{node="per-face/clip",le="4"} 4)"),
                            HasSubstr(R"(dfpipe_batch_size_bucket{node="per-face/clip",le="128"} 4)"),
                            HasSubstr(R"(dfpipe_batch_size_bucket{node="per-face/clip",le="+Inf"} 5)"),
                            HasSubstr(R"(dfpipe_batch_size_sum{node="per-face/clip"} 206)"),
                            Not(HasSubstr(R"(dfpipe_batch_size_count{node="decode"})"))));
}

}  // namespace
}  // namespace dfpipe::server
