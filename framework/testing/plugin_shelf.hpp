#pragma once

#include <filesystem>
#include <string>

#include "registry/registry.hpp"

namespace dfpipe::testing {

/// Finds a type in a folder of plugins by loading as few of them as possible: LibTorch alone takes longer to load than
/// most tests take to run. Each folder's plugins are kept for the life of the process. Throws registry::PluginError.
const registry::NodeType& find_node(const std::string& type, const std::filesystem::path& plugins);
const registry::ResourceKind& find_resource(const std::string& type, const std::filesystem::path& plugins);

}  // namespace dfpipe::testing
