#include <cmath>
#include <nlohmann/json.hpp>

#include "config/declaration.hpp"
#include "plan/json_value.hpp"
#include "plan/plan.hpp"

namespace dfpipe::plan {
namespace {

using Json = nlohmann::ordered_json;

Json ref(const char* name) { return {{"$ref", std::string("#/$defs/") + name}}; }
Json text(const char* about) { return {{"type", "string"}, {"description", about}}; }

Json object(Json properties, Json required = Json::array()) {
  Json out{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

/// A key without a value ("with:") is an empty map.
Json or_nothing(Json map) {
  map["type"] = {"object", "null"};
  return map;
}

Json names_to(Json value) { return or_nothing({{"type", "object"}, {"additionalProperties", std::move(value)}}); }

Json any_scalar() { return {{"type", {"string", "number", "boolean"}}}; }
Json any_scalar(const char* about) {
  Json out = any_scalar();
  out["description"] = about;
  return out;
}

Json type_of(const ParamSpec& spec) {
  const std::string_view type = spec.type();
  Json out;
  if (type == "boolean" || type == "integer") {
    out["type"] = type;
  } else if (type == "real") {
    out["type"] = "number";
  } else if (type == "texts" || type == "reals") {
    out["type"] = "array";
    out["items"] = type == "texts" ? any_scalar() : Json{{"type", "number"}};
  } else {  // text, paths and choices: 3 and true are texts as well
    out = any_scalar();
  }
  Json& limited = out.contains("items") ? out["items"] : out;
  if (!spec.help.choices.empty()) limited["enum"] = spec.help.choices;
  if (std::isfinite(spec.help.min)) limited["minimum"] = spec.help.min;
  if (std::isfinite(spec.help.max)) limited["maximum"] = spec.help.max;
  return out;
}

/// Any parameter may also be given as "${name}".
Json schema_of(const ParamSpec& spec) {
  Json out{{"anyOf", {type_of(spec), ref("substituted")}}};
  out["description"] = spec.help.about + (spec.help.unit.empty() ? "" : " (" + spec.help.unit + ")");
  if (!spec.help.required) out["default"] = json_value(spec.default_value);
  return out;
}

Json with_of(const ParamSet* params) {
  Json properties = Json::object();
  Json required = Json::array();
  if (params != nullptr) {
    for (const ParamSpec& spec : params->specs()) {
      properties[spec.name] = schema_of(spec);
      if (spec.help.required) required.push_back(spec.name);
    }
  }
  return or_nothing(object(std::move(properties), std::move(required)));
}

Json in_of(const std::vector<PortSpec>& ports) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const PortSpec& port : ports) {
    properties[port.name] = text((port.type + ": " + port.about).c_str());
    if (!port.optional) required.push_back(port.name);
  }
  return or_nothing(object(std::move(properties), std::move(required)));
}

Json use_of(const std::vector<UseSpec>& uses) {
  Json properties = Json::object();
  for (const UseSpec& use : uses) properties[use.name] = text((use.type + ": " + use.about).c_str());
  return or_nothing(object(std::move(properties)));
}

bool any_required(const ParamSet* params) {
  if (params == nullptr) return false;
  for (const ParamSpec& spec : params->specs())
    if (spec.help.required) return true;
  return false;
}

/// What holds for a node once its type is known.
Json rule_for(const std::string& type, const Node& node) {
  Json then{{"description", node.info().about}};
  then["properties"]["with"] = with_of(node.params());
  then["properties"]["in"] = in_of(node.inputs());
  then["properties"]["use"] = use_of(node.uses());
  Json required = Json::array();
  if (any_required(node.params())) required.push_back("with");
  for (const PortSpec& port : node.inputs()) {
    if (port.optional) continue;
    required.push_back("in");
    break;
  }
  if (!node.uses().empty()) required.push_back("use");
  if (!required.empty()) then["required"] = std::move(required);
  if (!node.info().batched) then["properties"]["batch"] = false;
  Json rule;
  rule["if"]["properties"]["type"]["const"] = type;
  rule["if"]["required"] = {"type"};
  rule["then"] = std::move(then);
  return rule;
}

Json stage(const registry::Registry& registry) {
  Json types = Json::array();
  Json rules = Json::array();
  for (const auto& [name, type] : registry.nodes()) {
    types.push_back(name);
    rules.push_back(rule_for(name, *type.prototype));
  }
  const Json enabled{{"anyOf", {{{"type", "boolean"}}, ref("substituted")}}};
  Json batch = object({{"max", ref("count")}, {"wait", ref("duration")}});
  batch["description"] = "how many items one call may take, and how long a call may wait for them";
  Json out = object({{"type", {{"description", "the node type"}, {"anyOf", {{{"enum", types}}, ref("substituted")}}}},
                     {"with", or_nothing({{"description", "the node's parameters"}})},
                     {"in", names_to(text("node.port"))},
                     {"use", names_to(text("a resource"))},
                     {"on_error", ref("on_error")},
                     {"batch", std::move(batch)},
                     {"concurrency", ref("count")},
                     {"enabled", enabled}},
                    {"type"});
  out["allOf"] = std::move(rules);
  return out;
}

Json group() {
  const Json enabled{{"anyOf", {{{"type", "boolean"}}, ref("substituted")}}};
  Json out = object({{"foreach", names_to(text("a list: node.port"))},
                     {"part", text("a part file, relative to this file")},
                     {"nodes", ref("nodes")},
                     {"in", names_to(text("node.port"))},
                     {"use", names_to(text("a resource"))},
                     {"with", or_nothing({{"description", "the part's parameters"}})},
                     {"out", names_to(text("node.port inside"))},
                     {"max_live", ref("count")},
                     {"enabled", enabled}});
  out["oneOf"] = {{{"required", {"part"}}}, {{"required", {"nodes"}}}};
  return out;
}

Json resource(const registry::Registry& registry) {
  Json types = Json::array();
  Json rules = Json::array();
  for (const auto& [name, kind] : registry.resources()) {
    types.push_back(name);
    Json rule;
    rule["if"]["properties"]["type"]["const"] = name;
    rule["then"]["description"] = kind.prototype->about();
    rule["then"]["properties"]["with"] = with_of(&kind.prototype->params());
    if (any_required(&kind.prototype->params())) rule["then"]["required"] = {"with"};
    rules.push_back(std::move(rule));
  }
  Json out =
      object({{"type", {{"anyOf", {{{"enum", types}}, ref("substituted")}}}}, {"with", or_nothing({})}}, {"type"});
  if (!rules.empty()) out["allOf"] = std::move(rules);
  return out;
}

/// "default" is of the parameter's own type.
Json default_rules() {
  Json rules = Json::array();
  for (const auto& [type, value] : config::parameter_types()) {
    Json rule;
    rule["if"]["properties"]["type"]["const"] = type;
    rule["then"]["properties"]["default"] = {{"anyOf", {type_of({type, {}, value, value}), ref("substituted")}}};
    rules.push_back(std::move(rule));
  }
  return rules;
}

Json params() {
  Json types = Json::array();
  for (const auto& [type, value] : config::parameter_types()) types.push_back(type);
  Json one = object(
      {{"type", {{"enum", std::move(types)}}},
       {"default", Json::object()},
       {"about", any_scalar()},
       {"unit", any_scalar()},
       {"min", {{"type", "number"}}},
       {"max", {{"type", "number"}}},
       {"choices", {{"type", "array"}}},
       {"output", {{"type", "boolean"}, {"description", "a path that is written: relative to the working directory"}}}},
      {"type"});
  one["allOf"] = default_rules();
  return names_to(std::move(one));
}

Json definitions(const registry::Registry& registry) {
  Json defs;
  defs["substituted"] = {{"type", "string"}, {"pattern", "\\$\\{"}};
  defs["count"] = {{"anyOf", {{{"type", "integer"}, {"minimum", 1}}, ref("substituted")}}};
  defs["device_threads"] = {
      {"description", "threads inside one model call"},
      {"anyOf", {{{"type", "integer"}, {"minimum", 1}, {"maximum", most_device_threads}}, ref("substituted")}}};
  defs["duration"] = {{"type", "string"}, {"pattern", "^[0-9.]+ *(us|ms|s)$|\\$\\{"}};
  const Json short_form{{"type", "string"}, {"pattern", "^(skip|fail|retry\\([0-9]+\\))$|\\$\\{"}};
  defs["on_error"] = {
      {"anyOf", {short_form, object({{"retry", ref("count")}, {"backoff", ref("duration")}}, {"retry"})}}};
  defs["params"] = params();
  defs["stage"] = stage(registry);
  defs["group"] = group();
  Json is_stage{{"required", {"type"}}};
  defs["nodes"] = names_to({{"if", is_stage}, {"then", ref("stage")}, {"else", ref("group")}});
  defs["resource"] = resource(registry);
  return defs;
}

/// A file to be included has no name of its own, so none is demanded here; the program does.
Json pipeline(const Json& resources, const Json& nodes) {
  return object({{"pipeline", any_scalar("its name")},
                 {"about", any_scalar("one sentence")},
                 {"include", {{"type", {"array", "string"}}, {"items", {{"type", "string"}}}}},
                 {"params", ref("params")},
                 {"resources", resources},
                 {"run", or_nothing(object({{"credits", ref("count")},
                                            {"window", ref("count")},
                                            {"seed", {{"type", {"integer", "string"}}, {"minimum", 0}}},
                                            {"deterministic", {{"type", {"boolean", "string"}}}},
                                            {"device_threads", ref("device_threads")}}))},
                 {"nodes", nodes}});
}

/// What stands in a file that includes others is merged into theirs, key by key, and need not be whole by itself.
Json pipeline_of_any_kind() {
  const Json pieces = names_to({{"type", "object"}});
  Json out;
  out["if"]["required"] = {"include"};
  out["then"] = pipeline(pieces, pieces);
  out["else"] = pipeline(names_to(ref("resource")), ref("nodes"));
  return out;
}

Json part() {
  return object({{"part", any_scalar("its name")},
                 {"about", any_scalar("one sentence")},
                 {"params", ref("params")},
                 {"in", names_to(text("a port type"))},
                 {"use", names_to(text("a resource type"))},
                 {"out", names_to(text("node.port"))},
                 {"nodes", ref("nodes")}},
                {"part", "nodes"});
}

}  // namespace

std::string schema(const registry::Registry& registry) {
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "dfpipe pipeline or part"}};
  Json is_part{{"required", {"part"}}};
  out["if"] = std::move(is_part);
  out["then"] = part();
  out["else"] = pipeline_of_any_kind();
  out["$defs"] = definitions(registry);
  return out.dump(2) + "\n";
}

}  // namespace dfpipe::plan
