#include "nodes/endpoint.hpp"

#include <dlfcn.h>

#include <condition_variable>

#include "dfpipe/node.hpp"
#include "http/access_log.hpp"
#include "http/static_files.hpp"
#include "nodes.hpp"

namespace dfpipe::server {
namespace {

namespace fs = std::filesystem;

/// share/dfpipe/page beside the lib/dfpipe/plugins that this plugin lies in.
fs::path built_page() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&built_page), &info) == 0 || !info.dli_fname) return {};
  return fs::absolute(info.dli_fname).parent_path().parent_path().parent_path().parent_path() / "share/dfpipe/page";
}

std::shared_ptr<const StaticFiles> load_page(const fs::path& asked) {
  const fs::path folder = asked.empty() ? built_page() : asked;
  if (fs::exists(folder / "index.html")) return StaticFiles::load(folder, {.page_paths = {"/graph", "/method"}});
  if (!asked.empty()) throw std::runtime_error(folder.string() + ": there is no index.html, so it is no built page");
  log(LogLevel::warning, "the page is not built, only the endpoint is served; './dfpipew page' builds it");
  return nullptr;
}

}  // namespace

Endpoint::Endpoint()
    : Resource("A web endpoint: a listening server and the queue between it and the pipeline.", &params_) {}

Endpoint::~Endpoint() {
  drainer_ = {};
  server_ = nullptr;
}

void Endpoint::open(OpenContext& context) {
  ServerConfig config = params_.config();
  config.files = load_page(params_.page);
  const auto run = context.run();
  if (!run) throw std::runtime_error("a web endpoint needs a run");
  site_ = std::make_unique<Site>(params_.settings(), params_.queue_limits(run->credits()), run);
  access_log_ = std::make_unique<AccessLog>(params_.access_log);
  site_->on_request.emplace_back([this](const AccessRecord& record) { access_log_->write(record); });
  config.log = [](const std::string& sentence) { log(LogLevel::error, sentence); };

  std::vector<Route> routes;
  for (auto* make : {predict_routes, job_routes, stats_routes, metrics_routes, about_routes})
    for (Route& route : make(*site_)) routes.push_back(std::move(route));
  config.done = [site = site_.get()](const AccessRecord& record) {
    for (const auto& told : site->on_request) told(record);
  };
  server_ = std::make_unique<HttpServer>(std::move(config), std::move(routes));
  server_->start();
}

Facts Endpoint::facts() const {
  const bool v6 = params_.address.find(':') != std::string::npos;
  return {{"url", "http://" + (v6 ? "[" + params_.address + "]" : params_.address) + ":" +
                      std::to_string(server_->port()) + "/"}};
}

void Endpoint::begin(const std::map<std::string, Facts>& facts) { site_->begin(identity_of(facts, *site_->run)); }

void Endpoint::begin_drain() {
  std::call_once(draining_, [this] {
    drain_began_ = Clock::now();
    site_->drain();
    drainer_ = std::jthread([this](const std::stop_token& stop) { drain(stop); });
  });
}

void Endpoint::drain(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  const auto wait = [&](double seconds) {
    never.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
    return !stop.stop_requested();
  };
  wait(params_.drain_delay);
  server_->begin_drain();
  site_->queue.close();
  if (wait(params_.drain_seconds)) site_->queue.discard();
}

void Endpoint::discard() {
  discarded_ = true;
  begin_drain();
  site_->queue.discard();
}

void Endpoint::finish() {
  begin_drain();
  drainer_ = {};
  site_->queue.discard();          // nobody takes a picture any more: the run may have ended by itself
  constexpr double at_once = 0.5;  // the answers that are made already
  const std::chrono::duration<double> spent = Clock::now() - drain_began_;
  const double granted = params_.drain_delay + params_.drain_seconds;
  const double left = discarded_ ? at_once : std::max(at_once, granted - spent.count());
  if (!server_->finish_drain(left)) log(LogLevel::warning, "some answers had not gone out when the server ended");
}

void register_http_server(Registrar& registrar) { registrar.resource<Endpoint>(); }

}  // namespace dfpipe::server
