#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "api/picture_json.hpp"
#include "api/verdict.hpp"
#include "dfpipe/base64.hpp"
#include "dfpipe/node.hpp"
#include "dfpipe/types/face.hpp"
#include "dfpipe/types/prediction.hpp"
#include "nodes.hpp"

namespace dfpipe::server {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

/// One face as the web endpoint tells it: the JSON object `Face` of server/openapi.yaml. Its first five members are the
/// original detector's, with its rounding: `confidence` is 100 times the winning class's probability with one decimal.
/// What failed on the way is null, and its reason stands under `problems`; a face without a score is told all the same.
///
///     answer: {type: face-answer, in: {result: score.result, uncanny: uncanny.measures, window: score.window}}
class FaceAnswerNode final : public Node {
  struct Params : ParamSet {
    const std::int64_t& min_face = integer(
        "min_face", 48, {.about = "the verdict on a crop with a shorter side is inconclusive", .unit = "px", .min = 0});
  };

 public:
  FaceAnswerNode() : Node({.about = "Tell one face as the web endpoint's JSON."}, &params_) {}

  void open(OpenContext& context) override {
    const JudgingModel model = judging_model(context.facts());
    trained_ = model.trained;
    threshold_ = model.threshold;
  }

  void process(Item& item) override {
    const FaceResult& face = item[result_];
    const bool whole = face.detector == "whole-image";
    std::vector<std::string> problems = face.problems;
    for (const ReasonPtr& why : {item.why(uncanny_), item.why(spectrum_), item.why(profile_)})
      if (why && why->kind == Reason::Kind::error) problems.push_back(why->text());

    Json json{{"label", face.label.empty() ? Json(nullptr) : Json(face.label)},
              {"confidence", confidence(face.probability)},
              {"uncanny", uncanny(whole || !item.has(uncanny_) ? nullptr : &item[uncanny_], whole)},
              {"bbox", whole ? Json(nullptr) : Json(face.crop)},
              {"whole_picture", whole},
              {"probability", number(face.probability)},
              {"calibrated", number(face.calibrated)}};
    const Verdict verdict = verdict_on(
        {.probability = face.calibrated ? face.calibrated : face.probability,
         .threshold = threshold_,
         .face_found = !whole,
         .trained = trained_,
         .shorter_side = static_cast<long>(std::min(face.crop[2] - face.crop[0], face.crop[3] - face.crop[1])),
         .min_face = static_cast<long>(params_.min_face)});
    json["verdict"] = verdict.word;
    json["band"] = verdict.band.empty() ? Json(nullptr) : Json(verdict.band);
    json["reasons"] = verdict.reasons;
    json["box"] = Json(nullptr);
    if (!whole) {
      json["box"] = Json::array();
      for (const double side : face.box) json["box"].push_back(number(side));
    }
    json["detector"] = face.detector;
    json["detector_score"] = std::isfinite(face.detector_score) ? face.detector_score : 0;
    json["presence"] = number(face.presence);
    json["heatmap_box"] = face.heatmap && item.has(window_) ? heatmap_box(face, item[window_]) : Json(nullptr);
    json["spectrum_profile"] = item.has(profile_) ? profile(item[profile_]) : Json(nullptr);
    json["heuristics"] = heuristics(face.heuristics);
    json["problems"] = problems;
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    text.pop_back();
    add_picture(text, "gradcam", face.heatmap.get());
    add_picture(text, "spectrum", item.has(spectrum_) ? &item[spectrum_] : nullptr);
    item.set(answer_, FaceAnswer{text + "}", whole});
  }

 private:
  /// Tens of kilobytes of base64 need no search for what must be escaped.
  static void add_picture(std::string& text, const char* name, const Bytes* png) {
    text += std::string(",\"") + name + "\":" + (png ? "\"" + base64(png->data) + "\"" : "null");
  }

  /// One decimal of the exact binary value, ties to even, as Python's round does.
  static Json confidence(const std::optional<double>& fake) {
    if (!fake || !std::isfinite(*fake)) return nullptr;
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.1f", 100 * std::max(*fake, 1 - *fake));
    return std::strtod(digits, nullptr);
  }

  /// Nulls where there is no face, and no noise_natural then: as the original answers.
  static Json uncanny(const Measures* measures, bool whole) {
    Json out = Json::object();
    for (const char* name : {"symmetry", "eye_consistency", "texture", "edge_natural", "color_consistency"})
      out[name] = nullptr;
    if (!whole) out["noise_natural"] = nullptr;
    if (measures)
      for (const Measure& measure : measures->all) out[measure.name] = number(measure.value);
    return out;
  }

  static Json heuristics(const Measures& measures) {
    Json all = Json::array();
    for (const Measure& m : measures.all)
      all.push_back({{"name", m.name},
                     {"value", number(m.value)},
                     {"score", number(m.score)},
                     {"validity", number(m.validity)},
                     {"note", m.note}});
    return {{"measures", std::move(all)},
            {"total", number(measures.total)},
            {"worst", measures.worst.empty() ? Json(nullptr) : Json(measures.worst)}};
  }

  static Json heatmap_box(const FaceResult& face, const Window& window) {
    const auto left = static_cast<double>(face.crop[0]), top = static_cast<double>(face.crop[1]);
    const double width = static_cast<double>(face.crop[2]) - left, height = static_cast<double>(face.crop[3]) - top;
    const double x = left + window.x * width, y = top + window.y * height;
    return Json::array({number(x), number(y), number(x + window.width * width), number(y + window.height * height)});
  }

  static Json profile(const List<double>& means) {
    Json out = Json::array();
    for (std::size_t i = 0; i < means.size(); ++i) out.push_back(number(std::round(means.at(i) * 1e4) / 1e4));
    return out;
  }

  Params params_;
  double threshold_ = 0.5;
  bool trained_ = true;
  In<FaceResult> result_{this, "result", "one face's row, its heat map drawn as map"};
  OptionalIn<Window> window_{this, "window", "the part of the crop that the heat map belongs to"};
  OptionalIn<Measures> uncanny_{this, "uncanny", "heuristics of profile original"};
  OptionalIn<Bytes> spectrum_{this, "spectrum", "the spectrum as a PNG"};
  OptionalIn<List<double>> profile_{this, "spectrum_profile", "its radial profile"};
  Out<FaceAnswer> answer_{this, "answer", "the JSON object"};
};

}  // namespace

void register_face_answer(Registrar& registrar) { registrar.node<FaceAnswerNode>("face-answer"); }

}  // namespace dfpipe::server
