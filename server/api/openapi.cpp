#include "api/openapi.hpp"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <openapi_text.hpp>
#include <stdexcept>

namespace dfpipe::server {
namespace {

using Json = nlohmann::ordered_json;

/// YAML's core schema for what stands without quotes.
Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  if (text == "true" || text == "false") return text == "true";
  if (std::int64_t whole = 0; YAML::convert<std::int64_t>::decode(node, whole)) return whole;
  if (double real = 0; YAML::convert<double>::decode(node, real)) return real;
  return text;
}

Json json_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      Json out = Json::object();
      for (const auto& entry : node) out[entry.first.Scalar()] = json_of(entry.second);
      return out;
    }
    case YAML::NodeType::Sequence: {
      Json out = Json::array();
      for (const auto& element : node) out.push_back(json_of(element));
      return out;
    }
    case YAML::NodeType::Scalar:
      return scalar(node);
    default:
      return nullptr;
  }
}

}  // namespace

std::string openapi_json() { return json_of(YAML::Load(openapi_text)).dump() + "\n"; }

}  // namespace dfpipe::server
