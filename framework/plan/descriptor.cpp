#include "plan/descriptor.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "plan/json_value.hpp"
#include "registry/lane_name.hpp"

namespace dfpipe::plan {

Described describe(const registry::NodeType& t) {
  return {.type = t.type,
          .plugin = t.plugin.filename().string(),
          .about = t.prototype->info().about,
          .node = t.prototype.get(),
          .params = t.prototype->params()};
}

Described describe(const registry::ResourceKind& r) {
  return {.type = r.type,
          .plugin = r.plugin.filename().string(),
          .about = r.prototype->about(),
          .params = &r.prototype->params()};
}

Described describe(const registry::CommandKind& c) {
  return {.type = c.type,
          .plugin = c.plugin.filename().string(),
          .about = c.prototype->info().about,
          .command = c.prototype.get(),
          .params = c.prototype->params()};
}

std::string kind_of(const Described& d) { return d.node ? "node" : d.command ? "command" : "resource"; }

nlohmann::ordered_json descriptor_json(const Described& d) {
  using Json = nlohmann::ordered_json;
  Json out = {{"type", d.type}, {"kind", kind_of(d)}, {"plugin", d.plugin}, {"about", d.about}};
  if (d.node) {
    const NodeInfo& info = d.node->info();
    out["lane"] = registry::lane_name(info.lane);
    out["source"] = dynamic_cast<const Source*>(d.node) != nullptr;
    out["batched"] = info.batched;
    out["ordered"] = info.ordered;
    out["stateful"] = info.stateful;
    const auto ports = [](const std::vector<PortSpec>& all) {
      Json list = Json::array();
      for (const PortSpec& p : all)
        list.push_back({{"name", p.name}, {"type", p.type}, {"optional", p.optional}, {"about", p.about}});
      return list;
    };
    out["inputs"] = ports(d.node->inputs());
    out["outputs"] = ports(d.node->outputs());
    out["uses"] = Json::array();
    for (const UseSpec& u : d.node->uses())
      out["uses"].push_back({{"name", u.name}, {"type", u.type}, {"about", u.about}});
  }
  out["parameters"] = Json::array();
  if (!d.params) return out;
  for (const ParamSpec& p : d.params->specs()) {
    Json param = {{"name", p.name}, {"type", p.type()}, {"about", p.help.about}, {"required", p.help.required}};
    if (d.command) param["positional"] = p.help.positional;
    if (!p.help.required) param["default"] = json_value(p.default_value);
    if (std::isfinite(p.help.min)) param["min"] = p.help.min;
    if (std::isfinite(p.help.max)) param["max"] = p.help.max;
    if (!p.help.choices.empty()) param["choices"] = p.help.choices;
    if (!p.help.unit.empty()) param["unit"] = p.help.unit;
    out["parameters"].push_back(std::move(param));
  }
  return out;
}

}  // namespace dfpipe::plan
