#include "scored_picture.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace dfpipe::evaluation {
namespace {

using Json = nlohmann::ordered_json;

/// Why this face has no score; an empty code when it has one.
Problem face_problem(const List<FaceResult>& faces, std::size_t i) {
  const std::string which = faces.size() > 1 ? "face " + std::to_string(i) + ": " : "";
  if (!faces.has(i)) {
    const Problem problem = problem_of(faces.why(i));
    return {problem.code, which + problem.message};
  }
  const FaceResult& face = faces.at(i);
  if (!face.probability)
    return {"no_probability", which + (face.problems.empty() ? "no probability was computed" : face.problems.front())};
  if (!std::isfinite(*face.probability)) return {"not_finite", which + "the probability is not a finite number"};
  return {};
}

/// `scores` holds at least one.
double one_of(const std::vector<double>& scores, SeveralFaces several) {
  if (several == SeveralFaces::max) return std::ranges::max(scores);
  return std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
}

}  // namespace

Problem problem_of(const ReasonPtr& why) {
  if (!why) return {"absent", "no value and no reason"};
  return {why->code, "node '" + why->node + "': " + why->message};
}

ScoredPicture score_picture(const List<FaceResult>& faces, SeveralFaces several) {
  ScoredPicture out;
  out.faces = faces.size();
  if (faces.empty()) {
    out.problem = {no_face, "no face was found"};
    return out;
  }
  std::vector<double> scores, calibrated;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    out.problem = face_problem(faces, i);
    if (!out.problem.code.empty()) return out;
    scores.push_back(*faces.at(i).probability);
    if (const auto& after = faces.at(i).calibrated) calibrated.push_back(*after);
  }
  out.score = one_of(scores, several);
  if (calibrated.size() == scores.size()) out.calibrated = one_of(calibrated, several);
  return out;
}

std::string to_line(const ScoredPicture& picture) {
  const Sample& sample = picture.sample;
  Json line{{"index", picture.index},     {"path", sample.path},   {"label", sample.label},
            {"dataset", sample.dataset},  {"split", sample.split}, {"group", sample.group},
            {"face_count", picture.faces}};
  line["score"] = picture.score ? Json(*picture.score) : Json(nullptr);
  if (picture.calibrated) line["calibrated"] = *picture.calibrated;
  if (!picture.score)
    line[picture.problem.code == no_face ? "problem" : "error"] = {{"code", picture.problem.code},
                                                                   {"message", picture.problem.message}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ScoredPicture from_line(const std::string& text) try {
  const auto line = nlohmann::json::parse(text);
  ScoredPicture out;
  line.at("index").get_to(out.index);
  line.at("path").get_to(out.sample.path);
  line.at("label").get_to(out.sample.label);
  line.at("dataset").get_to(out.sample.dataset);
  line.at("split").get_to(out.sample.split);
  line.at("group").get_to(out.sample.group);
  line.at("face_count").get_to(out.faces);
  if (!line.at("score").is_null()) out.score = line["score"].get<double>();
  if (const auto found = line.find("calibrated"); found != line.end()) out.calibrated = found->get<double>();
  for (const char* key : {"problem", "error"})
    if (const auto found = line.find(key); found != line.end())
      out.problem = {found->at("code").get<std::string>(), found->at("message").get<std::string>()};
  return out;
} catch (const nlohmann::json::exception& e) {
  throw std::runtime_error(std::string("a line of the scores cannot be read: ") + e.what());
}

}  // namespace dfpipe::evaluation
