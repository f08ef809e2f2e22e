#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
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

/// All node types and resource types found on the search path. Plugins are never unloaded.
class Registry {
 public:
  /// Loads every *.so of the folder, in name order; a file that is loaded already is passed over. A folder that does
  /// not exist is a PluginError. Returns how many such files there are.
  std::size_t load_folder(const std::filesystem::path& folder);
  /// All or nothing: a plugin that is refused leaves the registry as it was. Throws PluginError.
  void load_plugin(const std::filesystem::path& file);
  /// For tests and built-in types.
  void add_node(NodeType type);

  const NodeType* node(const std::string& type) const;
  const ResourceKind* resource(const std::string& type) const;
  const std::map<std::string, NodeType>& nodes() const noexcept { return nodes_; }
  const std::map<std::string, ResourceKind>& resources() const noexcept { return resources_; }
  const std::vector<std::function<void(Lane, int)>>& thread_hooks() const noexcept { return thread_hooks_; }

 private:
  friend class LoadingRegistrar;
  std::map<std::string, NodeType> nodes_;
  std::map<std::string, ResourceKind> resources_;
  std::vector<std::filesystem::path> loaded_;  ///< canonical, so that a folder named twice is read once
  std::vector<std::function<void(Lane, int)>> thread_hooks_;
};

/// Where plugins are looked for: the built-in folder (beside the binary: ../lib/dfpipe/plugins, or the installed one),
/// then DFPIPE_PLUGIN_PATH (colon-separated), then `extra` (from --plugins).
std::vector<std::filesystem::path> search_path(const std::vector<std::filesystem::path>& extra);

}  // namespace dfpipe::registry
