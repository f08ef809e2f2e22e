#include "api/site.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace dfpipe::server {

using Json = nlohmann::ordered_json;

JudgingModel judging_model(const std::map<std::string, Facts>& facts) {
  JudgingModel model;
  for (const auto& [name, known] : facts)
    if (known.contains("model") && (model.facts.empty() || name == "detector")) model.facts = known;
  const auto trained = model.facts.find("trained"), threshold = model.facts.find("threshold");
  model.trained = trained == model.facts.end() || trained->second != "false";
  model.calibrated = threshold != model.facts.end();
  if (model.calibrated) model.threshold = std::strtod(threshold->second.c_str(), nullptr);
  return model;
}

Identity identity_of(const std::map<std::string, Facts>& facts, const RunView& run) {
  const JudgingModel judging = judging_model(facts);
  const Facts& model = judging.facts;
  const auto text = [&](const char* key) { return model.contains(key) ? Json(model.at(key)) : Json(""); };
  Identity identity;
  identity.threshold = judging.threshold;
  identity.model = Json{{"name", text("model")},
                        {"sha256", text("sha256")},
                        {"trained", judging.trained},
                        {"caution", model.contains("caution") ? Json(model.at("caution")) : Json(nullptr)},
                        {"calibrated", judging.calibrated},
                        {"architecture", text("architecture")},
                        {"device", text("device")},
                        {"precision", text("precision")}}
                       .dump(-1, ' ', false, Json::error_handler_t::replace);
  const Json graph = run.graph().empty() ? Json{{"name", ""}} : Json::parse(run.graph());
  identity.graph = Json{{"name", graph.at("name")}, {"sha256", run.config_hash()}}.dump();
  return identity;
}

Site::Site(Settings s, PictureQueue::Limits limits, std::shared_ptr<const RunView> r)
    : settings(s), queue(limits), run(std::move(r)) {}

Site::~Site() { queue.discard(); }

void Site::begin(Identity identity) {
  identity_ = std::make_shared<const Identity>(std::move(identity));
  State starting = State::starting;
  state_.compare_exchange_strong(starting, State::ready);
}

void Site::drain() { state_ = State::draining; }

void Site::require_ready() const {
  if (state_ == State::starting) throw Refusal(503, "starting", "The model is being loaded", {{"Retry-After", "2"}});
  if (state_ == State::draining) throw Refusal(503, "draining", "The server is ending", {{"Retry-After", "5"}});
}

std::shared_ptr<PictureTask> make_task(Site& site, PictureTask::Origin origin, std::vector<std::uint8_t> bytes,
                                       std::function<void(PictureAnswer)> done) {
  const bool of_job = origin.of_job;
  const Clock::time_point began = origin.began;
  return std::make_shared<PictureTask>(
      std::move(origin), std::move(bytes), [&site, of_job, began, done = std::move(done)](PictureAnswer answer) {
        const PictureRecord record{.status = answer.status,
                                   .total_seconds = std::chrono::duration<double>(Clock::now() - began).count(),
                                   .queue_seconds = answer.queue_seconds,
                                   .graph_seconds = answer.graph_seconds,
                                   .of_job = of_job};
        for (const auto& told : site.on_picture) told(record);
        done(std::move(answer));
      });
}

}  // namespace dfpipe::server
