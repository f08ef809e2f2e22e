#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "registry/registry.hpp"

/// A node type's or a resource's descriptor for people, machines and the reference pages.
namespace dfpipe::cli {

/// One stage or resource, read off its prototype.
struct Described {
  std::string type;
  std::string plugin;
  std::string about;
  const Node* node = nullptr;  ///< null for a resource
  ParamSet* params = nullptr;
};
Described describe(const registry::NodeType& type);
Described describe(const registry::ResourceKind& kind);

std::string describe_text(const Described& d);
std::string describe_markdown(const Described& d);
nlohmann::ordered_json describe_json(const Described& d);

/// "true", "0.2", "'report'", "['a', 'b']": as one would write it in YAML.
std::string value_text(const ParamValue& value);

}  // namespace dfpipe::cli
