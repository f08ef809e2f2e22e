#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dfpipe/plugin.hpp"

namespace dfpipe::registry {

/// One clear sentence about a plugin that cannot be used; the command line answers with exit code 2.
class PluginError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct NodeType {
  std::string type;
  std::filesystem::path plugin;
  std::function<std::unique_ptr<Node>()> make;
  std::shared_ptr<Node> prototype;  ///< never opened: its ports, parameters and traits are the descriptor
};

struct ResourceKind {
  std::string type;
  std::filesystem::path plugin;
  std::function<std::shared_ptr<Resource>()> make;
  std::shared_ptr<Resource> prototype;
};

struct CommandKind {
  std::string type;  ///< its name: "model info"
  std::filesystem::path plugin;
  std::function<std::unique_ptr<Command>()> make;
  std::shared_ptr<Command> prototype;  ///< never run: its parameters are the descriptor
};

/// All node types, resource types and commands found on the search path. Plugins are never unloaded.
class Registry {
 public:
  Registry() = default;
  /// `own_commands`: first words that no plugin's command may have.
  explicit Registry(std::vector<std::string> own_commands) : own_commands_(std::move(own_commands)) {}

  /// Loads every *.so of the folder, in name order; a file that is loaded already is passed over. A folder that does
  /// not exist is a PluginError. Returns how many such files there are.
  std::size_t load_folder(const std::filesystem::path& folder);
  /// All or nothing: a plugin that is refused leaves the registry as it was. Throws PluginError.
  void load_plugin(const std::filesystem::path& file);
  /// For tests and built-in types.
  void add_node(NodeType type);

  const NodeType* node(const std::string& type) const;
  const ResourceKind* resource(const std::string& type) const;
  const CommandKind* command(const std::string& name) const;
  const std::map<std::string, NodeType>& nodes() const noexcept { return nodes_; }
  const std::map<std::string, ResourceKind>& resources() const noexcept { return resources_; }
  const std::map<std::string, CommandKind>& commands() const noexcept { return commands_; }
  const std::vector<std::function<void(Lane, int)>>& thread_hooks() const noexcept { return thread_hooks_; }

 private:
  friend class LoadingRegistrar;
  std::map<std::string, NodeType> nodes_;
  std::map<std::string, ResourceKind> resources_;
  std::map<std::string, CommandKind> commands_;
  std::vector<std::string> own_commands_;
  std::vector<std::filesystem::path> loaded_;  ///< canonical, so that a folder named twice is read once
  std::vector<std::function<void(Lane, int)>> thread_hooks_;
};

/// Where plugins are looked for: the built-in folder (beside the binary: ../lib/dfpipe/plugins, or the installed one),
/// then DFPIPE_PLUGIN_PATH (colon-separated), then `extra` (from --plugins).
std::vector<std::filesystem::path> search_path(const std::vector<std::filesystem::path>& extra);

}  // namespace dfpipe::registry
