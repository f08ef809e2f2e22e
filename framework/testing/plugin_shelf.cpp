#include "testing/plugin_shelf.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string_view>

namespace dfpipe::testing {
namespace {

namespace fs = std::filesystem;

/// One folder: the plugins loaded so far and those still closed, in the order to try them.
struct Shelf {
  registry::Registry registry;
  std::deque<fs::path> closed;
};

bool named_in_environment(const fs::path& plugin) {
  const char* const variable = std::getenv("DFPIPE_TEST_PLUGINS");
  const std::string names = ":" + std::string(variable != nullptr ? variable : "") + ":";
  return names.find(":" + plugin.stem().string() + ":") != std::string::npos;
}

Shelf& shelf(const fs::path& folder) {
  static std::map<fs::path, Shelf> shelves;
  const auto [place, is_new] = shelves.try_emplace(folder);
  Shelf& found = place->second;
  if (is_new) {
    if (!fs::is_directory(folder)) found.registry.load_folder(folder);  // says what is wrong
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".so") found.closed.push_back(entry.path());
    std::ranges::sort(found.closed);
    std::stable_partition(found.closed.begin(), found.closed.end(), named_in_environment);
  }
  return found;
}

template <class Find>
const auto& find_in(const char* what, const std::string& type, const fs::path& folder, Find find) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  Shelf& here = shelf(folder);
  for (;;) {
    if (const auto* found = find(here.registry)) return *found;
    if (here.closed.empty())
      throw registry::PluginError(std::string("no plugin in '") + folder.string() + "' offers the " + what + " '" +
                                  type + "'");
    const fs::path next = here.closed.front();
    here.closed.pop_front();
    here.registry.load_plugin(next);
  }
}

}  // namespace

const registry::NodeType& find_node(const std::string& type, const fs::path& plugins) {
  return find_in("node type", type, plugins, [&](const registry::Registry& r) { return r.node(type); });
}

const registry::ResourceKind& find_resource(const std::string& type, const fs::path& plugins) {
  return find_in("resource type", type, plugins, [&](const registry::Registry& r) { return r.resource(type); });
}

}  // namespace dfpipe::testing
