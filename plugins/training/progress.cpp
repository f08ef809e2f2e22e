#include "progress.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace dfpipe::training {

using Json = nlohmann::ordered_json;

std::string Progress::to_text() const {
  const Json sums_of_epoch{{"seen", sums.seen},      {"loss", sums.loss},       {"batches", sums.batches},
                           {"images", sums.images},  {"correct", sums.correct}, {"failed", sums.failed},
                           {"seconds", sums.seconds}};
  const Json state{{"position", position},
                   {"epoch", epoch},
                   {"step", step},
                   {"sums", sums_of_epoch},
                   {"best_auc", best_auc ? Json(*best_auc) : Json()},
                   {"best_epoch", best_epoch},
                   {"best_snapshot", best_snapshot},
                   {"patience", patience},
                   {"ended_early", ended_early},
                   {"scaler", {{"on", scaler.on}, {"scale", scaler.scale}, {"good_steps", scaler.good_steps}}},
                   {"metrics_bytes", metrics_bytes},
                   {"events_bytes", events_bytes}};
  return state.dump();
}

Progress Progress::from_text(const std::string& text) {
  try {
    const Json state = Json::parse(text);
    Progress p;
    state.at("position").get_to(p.position);
    state.at("epoch").get_to(p.epoch);
    state.at("step").get_to(p.step);
    const Json& sums = state.at("sums");
    sums.at("seen").get_to(p.sums.seen);
    sums.at("loss").get_to(p.sums.loss);
    sums.at("batches").get_to(p.sums.batches);
    sums.at("images").get_to(p.sums.images);
    sums.at("correct").get_to(p.sums.correct);
    sums.at("failed").get_to(p.sums.failed);
    sums.at("seconds").get_to(p.sums.seconds);
    if (!state.at("best_auc").is_null()) p.best_auc = state.at("best_auc").get<double>();
    state.at("best_epoch").get_to(p.best_epoch);
    state.at("best_snapshot").get_to(p.best_snapshot);
    state.at("patience").get_to(p.patience);
    state.at("ended_early").get_to(p.ended_early);
    state.at("scaler").at("on").get_to(p.scaler.on);
    state.at("scaler").at("scale").get_to(p.scaler.scale);
    state.at("scaler").at("good_steps").get_to(p.scaler.good_steps);
    state.at("metrics_bytes").get_to(p.metrics_bytes);
    state.at("events_bytes").get_to(p.events_bytes);
    return p;
  } catch (const nlohmann::json::exception&) {
    throw std::runtime_error("the state of the training cannot be read");
  }
}

}  // namespace dfpipe::training
