#include <nlohmann/json.hpp>

#include "evaluation.hpp"

namespace dfpipe::evaluation {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format = 1;

Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json interval(const std::optional<metrics::Interval>& range) {
  return range ? Json::array({range->low, range->high}) : Json(nullptr);
}

Json metric(const metrics::Metric& metric) {
  Json out{{"value", optional(metric.value)}};
  if (!metric.value) out["why"] = metric.why;
  if (metric.interval) out["interval"] = interval(metric.interval);
  return out;
}

Json confusion(const metrics::Confusion& c) {
  return {{"true_positive", static_cast<std::int64_t>(c.true_positive)},
          {"false_positive", static_cast<std::int64_t>(c.false_positive)},
          {"true_negative", static_cast<std::int64_t>(c.true_negative)},
          {"false_negative", static_cast<std::int64_t>(c.false_negative)}};
}

Json summary(const metrics::Summary& s) {
  Json out{{"scored", s.count}, {"real", s.real}, {"fake", s.fake}, {"groups", s.groups}};
  for (const metrics::Metric& m : s.metrics) out["metrics"][m.name] = metric(m);
  out["confusion"] = confusion(s.confusion);
  out["thresholds"] = Json::array();
  for (const metrics::ThresholdRow& row : s.table)
    out["thresholds"].push_back({{"threshold", row.threshold},
                                 {"accuracy", optional(metrics::accuracy(row.confusion))},
                                 {"fake_recall", metrics::recall(row.confusion)},
                                 {"real_recall", optional(metrics::real_recall(row.confusion))},
                                 {"fake_precision", metrics::precision(row.confusion)}});
  out["reliability"] = Json::array();
  for (const metrics::Bin& bin : s.reliability)
    if (bin.count > 0)
      out["reliability"].push_back({{"low", bin.low},
                                    {"high", bin.high},
                                    {"count", bin.count},
                                    {"mean_score", bin.mean_score},
                                    {"fake_share", bin.fake_share}});
  return out;
}

Json part(const Part& p) {
  Json out{{"pictures", p.pictures}, {"pictures_real", p.real}, {"pictures_fake", p.fake}};
  out["roc_auc_by_chance"] = interval(p.chance());
  out.update(summary(p.summary));
  return out;
}

}  // namespace

std::string metrics_json(const Evaluation& e) {
  const metrics::SummaryOptions& options = e.options.summary;
  Json json{{"format", format}, {"notes", e.notes}, {"model", e.options.model}, {"data", e.options.data}};
  json["settings"] = {{"threshold", options.threshold},
                      {"calibration_bins", options.bins},
                      {"several_faces", e.options.several == SeveralFaces::max ? "max" : "mean"},
                      {"interval", "95 %, percentiles of a bootstrap by group"},
                      {"bootstrap_replicates", options.bootstrap.replicates},
                      {"seed", options.bootstrap.seed}};
  json["all"] = part(e.all);
  json["datasets"] = Json::object();
  for (const Part& p : e.datasets) json["datasets"][p.name] = part(p);
  json["auc_gap"] = optional(e.auc_gap);
  json["worst_dataset"] = e.worst_dataset.empty() ? Json(nullptr) : Json(e.worst_dataset);
  json["left_out"] = Json::object();
  for (const LeftOut& one : e.left_out)
    json["left_out"][one.dataset] = {{"auc_gap", optional(one.auc_gap)}, {"others", part(one.others)}};
  json["by_group"] = e.by_group ? summary(*e.by_group) : Json(nullptr);
  json["calibrated"] = nullptr;
  if (e.calibrated) {
    json["calibrated"] = {{"threshold", *e.options.calibrated_threshold()}};
    json["calibrated"].update(summary(*e.calibrated));
  }
  json["not_scored"] = Json::array();
  for (const ScoredPicture& p : e.not_scored)
    json["not_scored"].push_back({{"path", p.sample.path},
                                  {"dataset", p.sample.dataset},
                                  {"label", p.sample.label},
                                  {"code", p.problem.code},
                                  {"message", p.problem.message}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dfpipe::evaluation
