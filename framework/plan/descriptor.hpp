#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "registry/registry.hpp"

/// What is known of a node type, a resource type or a command, read off its prototype; for machines.
namespace dfpipe::plan {

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
/// As `dfpipe inspect --json` prints it.
nlohmann::ordered_json descriptor_json(const Described& d);

}  // namespace dfpipe::plan
