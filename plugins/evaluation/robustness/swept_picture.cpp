#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "robustness/sweep.hpp"

namespace dfpipe::evaluation {
namespace {

using Json = nlohmann::ordered_json;

std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::vector<Degradation> same_for_all(const List<List<Degradation>>& settings) {
  std::vector<Degradation> out;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (!settings.has(i)) throw Error("a face has no settings", "settings");
    std::vector<Degradation> one;
    for (std::size_t k = 0; k < settings.at(i).size(); ++k) one.push_back(settings.at(i).at(k));
    if (i > 0 && one != out) throw Error("the faces of one picture have different settings", "settings");
    out = std::move(one);
  }
  return out;
}

/// What was made of every face at one setting.
List<FaceResult> faces_at(const List<List<FaceResult>>& results, std::size_t setting) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results.has(i)) {
      cells.emplace_back(results.why(i));
      continue;
    }
    const auto& of_face = results.at(i).cells();
    if (setting >= of_face.size()) throw Error("a face has fewer results than settings", "settings");
    cells.push_back(of_face[setting]);
  }
  return List<FaceResult>(std::move(cells));
}

}  // namespace

std::string name_of(const Degradation& degradation) {
  std::string out(word(degradation.kind));
  if (degradation.kind == Degradation::Kind::none) return out;
  out += " " + shortest(degradation.strength);
  if (!degradation.filter.empty()) out += " " + degradation.filter;
  return out;
}

Degradation degradation_of(const std::string& name) {
  using enum Degradation::Kind;
  const std::size_t space = name.find(' ');
  const auto wrong = [&] { return std::runtime_error("'" + name + "' is no degradation"); };
  Degradation out;
  const auto kinds = std::array{none, jpeg, blur, resize, noise};
  const auto kind = std::ranges::find(kinds, name.substr(0, space), [](auto k) { return word(k); });
  if (kind == kinds.end()) throw wrong();
  out.kind = *kind;
  if (out.kind == none) {
    if (space != std::string::npos) throw wrong();
    return out;
  }
  if (space == std::string::npos) throw wrong();
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + space + 1, end, out.strength);
  if (error != std::errc() || (rest != end && *rest != ' ')) throw wrong();
  if (rest != end) out.filter = std::string(rest + 1, end);
  return out;
}

SweptPicture sweep_picture(const List<List<Degradation>>& settings, const List<List<FaceResult>>& results,
                           SeveralFaces several) {
  SweptPicture out;
  out.faces = results.size();
  out.settings = same_for_all(settings);
  if (results.empty()) out.problem = score_picture({}, several).problem;
  for (std::size_t k = 0; k < out.settings.size(); ++k) {
    const ScoredPicture one = score_picture(faces_at(results, k), several);
    out.scores.push_back(one.score);
    if (!one.score && out.problem.code.empty())
      out.problem = {one.problem.code, name_of(out.settings[k]) + ": " + one.problem.message};
  }
  return out;
}

std::string to_line(const SweptPicture& picture) {
  const Sample& sample = picture.sample;
  Json line{{"index", picture.index},     {"path", sample.path},   {"label", sample.label},
            {"dataset", sample.dataset},  {"split", sample.split}, {"group", sample.group},
            {"face_count", picture.faces}};
  line["scores"] = Json::object();
  for (std::size_t k = 0; k < picture.settings.size(); ++k)
    line["scores"][name_of(picture.settings[k])] = picture.scores[k] ? Json(*picture.scores[k]) : Json(nullptr);
  if (!picture.problem.code.empty())
    line[picture.problem.code == no_face ? "problem" : "error"] = {{"code", picture.problem.code},
                                                                   {"message", picture.problem.message}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SweptPicture swept_from_line(const std::string& text) try {
  const auto line = Json::parse(text);
  SweptPicture out;
  line.at("index").get_to(out.index);
  line.at("path").get_to(out.sample.path);
  line.at("label").get_to(out.sample.label);
  line.at("dataset").get_to(out.sample.dataset);
  line.at("split").get_to(out.sample.split);
  line.at("group").get_to(out.sample.group);
  line.at("face_count").get_to(out.faces);
  for (const auto& [name, score] : line.at("scores").items()) {
    out.settings.push_back(degradation_of(name));
    out.scores.push_back(score.is_null() ? std::nullopt : std::optional(score.get<double>()));
  }
  for (const char* key : {"problem", "error"})
    if (const auto found = line.find(key); found != line.end())
      out.problem = {found->at("code").get<std::string>(), found->at("message").get<std::string>()};
  return out;
} catch (const nlohmann::json::exception& e) {
  throw std::runtime_error(std::string("a line of the scores cannot be read: ") + e.what());
}

}  // namespace dfpipe::evaluation
