#include <nlohmann/json.hpp>

#include "api/openapi.hpp"
#include "api/site.hpp"

namespace dfpipe::server {
namespace {

using Json = nlohmann::ordered_json;

Route plain(std::string path, std::string name, std::function<Response()> make) {
  return {.method = "GET",
          .path = std::move(path),
          .name = std::move(name),
          .handle = [make = std::move(make)](const RequestHead&) {
            return answer_with([make](const Reply& reply) { reply.send(make()); });
          }};
}

Response status(unsigned code, const char* word) {
  return {.status = code, .body = std::string("{\"status\":\"") + word + "\"}\n"};
}

Response readiness(const Site& site) {
  switch (site.state()) {
    case Site::State::ready:
      return status(200, "ok");
    case Site::State::starting:
      return status(503, "starting");
    case Site::State::draining:
      break;
  }
  return status(503, "draining");
}

Response info(const Site& site) {
  site.require_ready();
  const auto identity = site.identity();
  const Settings& s = site.settings;
  const Json json{{"name", "dfpipe"},
                  {"version", DFPIPE_VERSION},
                  {"model", Json::parse(identity->model)},
                  {"graph", Json::parse(identity->graph)},
                  {"threshold", identity->threshold},
                  {"min_face", s.min_face},
                  {"api_key", s.api_key},
                  {"limits",
                   {{"upload_bytes", s.upload_bytes},
                    {"job_bytes", s.job_bytes},
                    {"files", s.files},
                    {"job_files", s.job_files},
                    {"pixels", s.pixels},
                    {"deadline_seconds", s.deadline}}}};
  return {.body = json.dump() + "\n"};
}

/// The plan's drawing, less what only the engine needs.
std::string graph_text(const RunView& run) {
  if (run.graph().empty()) return {};
  Json graph = Json::parse(run.graph());
  graph.erase("window");
  graph["sha256"] = run.config_hash();
  return graph.dump() + "\n";
}

}  // namespace

std::vector<Route> about_routes(Site& site) {
  std::vector<Route> routes;
  routes.push_back(plain("/livez", "livez", [] { return status(200, "ok"); }));
  routes.push_back(plain("/readyz", "readyz", [&site] { return readiness(site); }));
  const auto openapi = std::make_shared<const std::string>(openapi_json());
  routes.push_back(plain("/openapi.json", "openapi", [openapi] { return Response{.shared_body = openapi}; }));
  for (Route& route : routes) route.open = true;
  routes.push_back(plain("/v1/info", "info", [&site] { return info(site); }));
  const auto graph = std::make_shared<const std::string>(graph_text(*site.run));
  routes.push_back(plain("/v1/graph", "graph", [graph] { return Response{.shared_body = graph}; }));
  return routes;
}

}  // namespace dfpipe::server
