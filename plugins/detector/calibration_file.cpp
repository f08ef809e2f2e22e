#include "calibration_file.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format = 1;

template <class T>
T wanted(const nlohmann::json& json, const char* key, const std::string& file) try {
  return json.at(key).get<T>();
} catch (const nlohmann::json::exception&) {
  throw ModelError(file + ": '" + key + "' is missing or of the wrong kind");
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

double Calibration::calibrated(double log_odds) const { return 1 / (1 + std::exp(-log_odds / temperature)); }

std::string calibration_text(const Calibration& c) {
  Json json{{"format", format},
            {"model", c.model},
            {"model_sha256", c.model_sha256},
            {"temperature", c.temperature},
            {"temperature_interval", nullptr},
            {"threshold", c.threshold},
            {"raw_threshold", c.raw_threshold},
            {"threshold_rule", c.rule}};
  if (c.temperature_interval)
    json["temperature_interval"] = {c.temperature_interval->first, c.temperature_interval->second};
  json["at_threshold"] = {{"false_alarms", c.false_alarms}, {"fakes_found", c.fakes_found}};
  json["fitted_on"] = {
      {"pictures", c.pictures}, {"scored_real", c.real}, {"scored_fake", c.fake}, {"groups", c.groups}};
  for (const auto& [name, text] : c.data) json["fitted_on"][name] = text;
  json["before"] = c.before;
  json["after"] = c.after;
  json["notes"] = c.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Calibration read_calibration(const std::filesystem::path& path) {
  const std::string file = path.string();
  const nlohmann::json json = read_json_object(path);
  if (const int found = wanted<int>(json, "format", file); found != format)
    throw ModelError(file + ": format " + std::to_string(found) + " is not known (" + std::to_string(format) + ")");
  Calibration out;
  out.model = wanted<std::string>(json, "model", file);
  out.model_sha256 = wanted<std::string>(json, "model_sha256", file);
  out.temperature = wanted<double>(json, "temperature", file);
  out.threshold = wanted<double>(json, "threshold", file);
  if (json.contains("threshold_rule")) out.rule = wanted<std::string>(json, "threshold_rule", file);
  if (!is_sha256(out.model_sha256)) throw ModelError(file + ": model_sha256 is no SHA-256");
  if (!(std::isfinite(out.temperature) && out.temperature > 0))
    throw ModelError(file + ": the temperature must be above 0");
  if (!(out.threshold >= 0 && out.threshold <= 1)) throw ModelError(file + ": the threshold must lie in [0,1]");
  return out;
}

}  // namespace dfpipe::detector
