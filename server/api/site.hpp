#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/picture_queue.hpp"
#include "dfpipe/resource.hpp"
#include "dfpipe/run_view.hpp"
#include "http/http_server.hpp"

namespace dfpipe::server {

/// What requests may ask for. Times are seconds.
struct Settings {
  std::uint64_t upload_bytes = 20'000'000;  ///< of one request
  std::uint64_t job_bytes = 500'000'000;    ///< of one job
  std::size_t files = 16;                   ///< in one request
  std::size_t job_files = 1000;             ///< in one job
  std::int64_t pixels = 50'000'000;         ///< width x height of a picture
  std::int64_t min_face = 48;               ///< px
  double deadline = 30;                     ///< from a request's head to its answer
  std::size_t jobs = 16;                    ///< kept at once
  double job_keep = 600;                    ///< a finished job is forgotten behind it
  bool api_key = false;
};

/// What judges, as every answer names it.
struct Identity {
  std::string model;  ///< JSON, `Model` of openapi.yaml
  std::string graph;  ///< JSON, `GraphId`
  double threshold = 0.5;
};

/// The model among what all resources and nodes tell of themselves, and what a verdict needs of it.
struct JudgingModel {
  Facts facts;
  bool trained = true;
  bool calibrated = false;
  double threshold = 0.5;  ///< the calibration's, where there is one
};
JudgingModel judging_model(const std::map<std::string, Facts>& facts);

Identity identity_of(const std::map<std::string, Facts>& facts, const RunView& run);

/// A judged picture, for statistics.
struct PictureRecord {
  unsigned status = 200;
  double total_seconds = 0, queue_seconds = 0, graph_seconds = 0;
  bool of_job = false;
};

/// What the routes share. Made before the first request; what is not atomic or a class with its own care stays as it is
/// from then on.
class Site {
 public:
  enum class State : std::uint8_t { starting, ready, draining };

  Site(Settings settings, PictureQueue::Limits limits, std::shared_ptr<const RunView> run);
  ~Site();  ///< answers what still waits, while there is somebody to be told

  const Settings settings;
  PictureQueue queue;
  const std::shared_ptr<const RunView> run;
  std::vector<std::function<void(const AccessRecord&)>> on_request;
  std::vector<std::function<void(const PictureRecord&)>> on_picture;

  State state() const noexcept { return state_; }
  void begin(Identity identity);
  void drain();
  /// Throws a Refusal, 503 "starting" or "draining", unless requests are taken.
  void require_ready() const;
  /// Null before `begin`.
  std::shared_ptr<const Identity> identity() const { return identity_.load(); }

 private:
  std::atomic<State> state_{State::starting};
  std::atomic<std::shared_ptr<const Identity>> identity_;
};

/// A task whose answer is also told to `on_picture`.
std::shared_ptr<PictureTask> make_task(Site& site, PictureTask::Origin origin, std::vector<std::uint8_t> bytes,
                                       std::function<void(PictureAnswer)> done);

// The routes, by what they are about; each in a file of its own.
std::vector<Route> predict_routes(Site& site);
std::vector<Route> job_routes(Site& site);      ///< /v1/jobs
std::vector<Route> stats_routes(Site& site);    ///< /v1/stats
std::vector<Route> metrics_routes(Site& site);  ///< /metrics
std::vector<Route> about_routes(Site& site);    ///< /v1/info, /v1/graph, /livez, /readyz, /openapi.json

}  // namespace dfpipe::server
