#include "prediction_line.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace dfpipe::files {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }
Json text(const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); }

Json error(const ReasonPtr& why) {
  if (!why) return {{"node", nullptr}, {"code", "absent"}, {"message", "no value and no reason"}};
  return {{"node", why->node}, {"code", why->code}, {"message", why->message}};
}

/// Measurements without a judgement are numbers; judged ones say what they say.
Json measures(const Measures& measures) {
  Json out = Json::object();
  bool judged = false;
  for (const Measure& m : measures.all) {
    judged |= m.validity.has_value();
    out[m.name] = m.validity ? Json{{"value", number(m.value)},
                                    {"score", number(m.score)},
                                    {"validity", number(m.validity)},
                                    {"note", m.note}}
                             : number(m.value);
  }
  if (judged) {
    out["total"] = number(measures.total);
    out["worst"] = text(measures.worst);
  }
  return out;
}

Json face(const FaceResult& result, const std::string& heatmap) {
  Json box = Json::array(), crop = Json::array();
  for (double v : result.box) box.push_back(number(v));
  for (std::int64_t v : result.crop) crop.push_back(v);
  Json out{{"box", std::move(box)},
           {"crop", std::move(crop)},
           {"detector", text(result.detector)},
           {"detector_score", number(result.detector_score)},
           {"presence", number(result.presence)},
           {"label", text(result.label)},
           {"probability", number(result.probability)}};
  if (result.calibrated) {
    out["calibrated_label"] = text(result.calibrated_label);
    out["calibrated"] = number(result.calibrated);
  }
  out["heuristics"] = measures(result.heuristics);
  out["heatmap"] = text(heatmap);
  out["problems"] = result.problems;
  return out;
}

Json faces(const ImageResults& results) {
  Json out = Json::array();
  for (std::size_t i = 0; i < results.faces->size(); ++i)
    out.push_back(results.faces->has(i)
                      ? face(results.faces->at(i), i < results.heatmaps.size() ? results.heatmaps[i] : std::string())
                      : Json{{"error", error(results.faces->why(i))}});
  return out;
}

// A name or a message may hold bytes that are no UTF-8; a line must be readable all the same.
std::string dump(const Json& line) { return line.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string prediction_line(const ImageResults& results, const ModelFacts& model) {
  Json line;
  line["index"] = results.index;
  line["file"] = results.path ? Json(*results.path) : Json(nullptr);
  if (const ImageInfo* image = results.image) {
    line["sha256"] = text(image->sha256);
    line["width"] = image->width;
    line["height"] = image->height;
    line["format"] = text(image->format);
  }
  if (results.failure) {
    line["error"] = error(results.failure);
    return dump(line);
  }
  if (results.faces) {
    line["faces"] = faces(results);
    line["face_count"] = results.faces->size();
  }
  if (!model.name.empty()) line["model"] = model.name;
  if (!model.trained.empty()) line["trained"] = model.trained == "true";
  if (results.image && !results.image->warnings.empty()) line["warnings"] = results.image->warnings;
  return dump(line);
}

std::string missing_line(std::uint64_t index, const std::string& node) {
  return dump(
      {{"index", index},
       {"file", nullptr},
       {"error", {{"node", node}, {"code", "cancelled"}, {"message", "the item was discarded before its end"}}}});
}

}  // namespace dfpipe::files
