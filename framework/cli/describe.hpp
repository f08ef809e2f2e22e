#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "registry/registry.hpp"

/// A node type's, a resource's or a command's descriptor for people, machines and the reference pages.
namespace dfpipe::cli {

/// One stage, resource or command, read off its prototype.
struct Described {
  std::string type;
  std::string plugin;
  std::string about;
  const Node* node = nullptr;        ///< null for a resource or a command
  const Command* command = nullptr;  ///< null for a node type or a resource
  ParamSet* params = nullptr;
};
Described describe(const registry::NodeType& type);
Described describe(const registry::ResourceKind& kind);
Described describe(const registry::CommandKind& kind);

/// "node", "resource" or "command".
std::string kind_of(const Described& d);
/// "dfpipe model info DIR [options]"
std::string usage_of(const Described& command);

std::string describe_text(const Described& d);
std::string describe_markdown(const Described& d);
nlohmann::ordered_json describe_json(const Described& d);

/// "true", "0.2", "'report'", "['a', 'b']": as one would write it in YAML.
std::string value_text(const ParamValue& value);
/// The same as one would type it on the command line; a list is written with commas.
std::string typed_text(const ParamValue& value);
/// "0 … 2 px", "a, b", "": range or choices, and unit.
std::string limits_text(const ParamSpec& spec);

}  // namespace dfpipe::cli
