#include <charconv>
#include <nlohmann/json.hpp>

#include "csv.hpp"
#include "robustness/sweep.hpp"

namespace dfpipe::evaluation {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format = 1;

Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json with_interval(const metrics::Metric& metric) {
  Json out{{"value", optional(metric.value)}};
  if (!metric.value) out["why"] = metric.why;
  if (metric.interval) out["interval"] = {metric.interval->low, metric.interval->high};
  return out;
}

/// As many digits as are needed to read back the same double; nothing for nothing.
std::string field(const std::optional<double>& value) {
  if (!value) return "";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, *value).ptr};
}

constexpr const char* numbers[] = {"roc_auc", "eer_interpolated", "accuracy", "balanced_accuracy", "brier", "log_loss"};

}  // namespace

std::string sweep_json(const Sweep& sweep) {
  const metrics::SummaryOptions& options = sweep.options.summary;
  Json json{{"format", format}, {"notes", sweep.notes}, {"model", sweep.options.model}, {"data", sweep.options.data}};
  json["settings_of_the_run"] = {{"threshold", options.threshold},
                                 {"several_faces", sweep.options.several == SeveralFaces::max ? "max" : "mean"},
                                 {"interval", "95 %, percentiles of a bootstrap by group"},
                                 {"bootstrap_replicates", options.bootstrap.replicates},
                                 {"seed", options.bootstrap.seed}};
  json["pictures"] = sweep.pictures;
  json["not_swept"] = sweep.not_swept;
  json["degradations"] = Json::array();
  for (const SweptSetting& one : sweep.settings) {
    Json row{
        {"name", name_of(one.degradation)},
        {"kind", word(one.degradation.kind)},
        {"strength", one.degradation.kind == Degradation::Kind::none ? Json(nullptr) : Json(one.degradation.strength)},
        {"filter", one.degradation.filter.empty() ? Json(nullptr) : Json(one.degradation.filter)},
        {"scored", one.summary.count},
        {"real", one.summary.real},
        {"fake", one.summary.fake},
        {"not_scored", one.not_scored},
        {"auc_drop", optional(one.auc_drop)},
        {"mean_score_real", optional(one.mean_real)},
        {"mean_score_fake", optional(one.mean_fake)}};
    for (const char* name : numbers) row["metrics"][name] = with_interval(one.summary.metric(name));
    json["degradations"].push_back(std::move(row));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string sweep_csv(const Sweep& sweep) {
  std::string out =
      "name,kind,strength,filter,scored,real,fake,not_scored,roc_auc,roc_auc_low,roc_auc_high,auc_drop,"
      "eer_interpolated,accuracy,mean_score_real,mean_score_fake\r\n";
  for (const SweptSetting& one : sweep.settings) {
    const auto& auc = one.summary.metric("roc_auc");
    const bool clean = one.degradation.kind == Degradation::Kind::none;
    const auto end = [&](double metrics::Interval::*which) {
      return auc.interval ? std::optional(*auc.interval.*which) : std::nullopt;
    };
    out += datasets::csv_field(name_of(one.degradation)) + "," + std::string(word(one.degradation.kind)) + "," +
           field(clean ? std::nullopt : std::optional(one.degradation.strength)) + "," +
           datasets::csv_field(one.degradation.filter) + "," + std::to_string(one.summary.count) + "," +
           std::to_string(one.summary.real) + "," + std::to_string(one.summary.fake) + "," +
           std::to_string(one.not_scored);
    for (const std::optional<double>& value : {auc.value, end(&metrics::Interval::low), end(&metrics::Interval::high),
                                               one.auc_drop, one.summary.metric("eer_interpolated").value,
                                               one.summary.metric("accuracy").value, one.mean_real, one.mean_fake})
      out += "," + field(value);
    out += "\r\n";
  }
  return out;
}

}  // namespace dfpipe::evaluation
