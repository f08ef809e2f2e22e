#include "registry/registry.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <string_view>
#include <utility>

#include "config/showable.hpp"
#include "registry/command_check.hpp"
#include "registry/descriptor_check.hpp"
#include "registry/elf_check.hpp"

namespace dfpipe::registry {

namespace fs = std::filesystem;

namespace {

using Entry = const dfpipe_plugin_info* (*)();

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw PluginError(config::one_line("plugin '" + file.string() + "' " + why));
}

/// What `action` throws, in words. Plugins may throw anything.
template <class Action>
std::string thrown_by(Action&& action) {
  try {
    action();
    return {};
  } catch (const std::exception& e) {
    return *e.what() != '\0' ? e.what() : "an exception without a message";
  } catch (...) {
    return "something that is not a std::exception";
  }
}

std::string without_path(std::string message, const fs::path& file) {
  const std::string prefix = file.string() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

Entry entry_point(const fs::path& file) {
  if (const auto why = why_not_a_shared_library(file)) refuse(file, *why);
  // dlopen is declared noexcept, yet what a static initialiser throws comes through it: the compiler must not see that.
  void* (*volatile open)(const char*, int) = dlopen;
  void* library = nullptr;
  const std::string wrong = thrown_by([&] { library = open(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE); });
  if (!wrong.empty()) refuse(file, "failed in a static initialiser: " + wrong);
  if (library == nullptr) {
    const char* const why = dlerror();
    refuse(file, "cannot be loaded: " + without_path(why != nullptr ? why : "unknown reason", file));
  }
  void* const symbol = dlsym(library, "dfpipe_plugin_entry");
  if (symbol == nullptr) refuse(file, "is a shared library but no dfpipe plugin: it has no symbol dfpipe_plugin_entry");
  return reinterpret_cast<Entry>(symbol);
}

/// The gate: reads plain C only, the ABI number first because a plugin with another one may lay out the rest otherwise.
const dfpipe_plugin_info& checked_info(const fs::path& file) {
  const Entry entry = entry_point(file);
  const dfpipe_plugin_info* info = nullptr;
  const std::string wrong = thrown_by([&] { info = entry(); });
  if (!wrong.empty()) refuse(file, "failed while describing itself: " + wrong);
  if (info == nullptr) refuse(file, "describes itself with a null pointer");
  if (info->abi != abi_number)
    refuse(file, "was built for plugin ABI " + std::to_string(info->abi) + ", this dfpipe has ABI " +
                     std::to_string(abi_number) + ": build it again against this dfpipe");
  const std::string framework = build_fingerprint_of_framework();
  if (info->fingerprint == nullptr || framework != info->fingerprint)
    refuse(file, "was built as '" + std::string(info->fingerprint != nullptr ? info->fingerprint : "unknown") +
                     "', this dfpipe as '" + framework + "': build it again with the same compiler and settings");
  if (info->register_types == nullptr) refuse(file, "has no function that registers its types");
  return *info;
}

fs::path same_file(const fs::path& file) {
  std::error_code failed;
  fs::path canonical = fs::canonical(file, failed);
  return failed ? file : canonical;
}

fs::path builtin_folder() {
  std::vector<fs::path> candidates;
  std::error_code failed;
  if (const fs::path binary = fs::read_symlink("/proc/self/exe", failed); !failed) {
    const fs::path root = binary.parent_path().parent_path();
    candidates.push_back(root / "lib/dfpipe/plugins");
#ifdef DFPIPE_INSTALL_LIBDIR
    candidates.push_back(root / DFPIPE_INSTALL_LIBDIR / "dfpipe/plugins");
#endif
  }
  // A program of somebody else that links libdfpipe lies anywhere; the library itself lies beside its plugins.
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&builtin_folder), &here) != 0 && here.dli_fname != nullptr)
    candidates.push_back(same_file(here.dli_fname).parent_path() / "dfpipe/plugins");
  for (const fs::path& folder : candidates)
    if (fs::is_directory(folder, failed)) return folder;
  return candidates.empty() ? fs::path("lib/dfpipe/plugins") : candidates.front();
}

}  // namespace

/// Collects what one plugin offers; nothing reaches the registry before all of it is known to be good.
class LoadingRegistrar final : public Registrar {
 public:
  explicit LoadingRegistrar(fs::path file) : file_(std::move(file)) {}

  void on_thread_start(std::function<void(Lane, int)> hook) override { hooks_.push_back(std::move(hook)); }

  void check_and_make_prototypes(const Registry& registry) {
    for (NodeType& type : nodes_) {
      check_name("node type", type.type);
      check_free("node type", type.type, registry.node(type.type));
      check_once("node type", type.type, nodes_);
      const std::string wrong = thrown_by([&] { type.prototype = type.make(); });
      if (!wrong.empty()) refuse(file_, "cannot make its node '" + type.type + "': " + wrong);
      if (const auto why = why_not_a_node(*type.prototype))
        refuse(file_, "describes its node '" + type.type + "' " + *why);
    }
    for (ResourceKind& kind : resources_) {
      check_name("resource type", kind.type);
      check_free("resource type", kind.type, registry.resource(kind.type));
      check_once("resource type", kind.type, resources_);
      const std::string wrong = thrown_by([&] { kind.prototype = kind.make(); });
      if (!wrong.empty()) refuse(file_, "cannot make its resource '" + kind.type + "': " + wrong);
      if (const auto why = why_not_parameters(kind.prototype->params()))
        refuse(file_, "describes its resource '" + kind.type + "' " + *why);
    }
  }

  void check_commands(const Registry& registry) {
    for (CommandKind& kind : commands_) {
      if (!is_command_name(kind.type))
        refuse(file_, "offers the command '" + kind.type +
                          "': a name is one word, or two with a blank between, of lower-case letters, digits and '-'");
      const std::string word = first_word(kind.type);
      if (std::ranges::find(registry.own_commands_, word) != registry.own_commands_.end())
        refuse(file_, "offers the command '" + kind.type + "', but '" + word + "' is a command of dfpipe itself");
      check_free("command", kind.type, registry.command(kind.type));
      check_once("command", kind.type, commands_);
      for (const auto& [name, other] : registry.commands()) check_apart(kind, other);
      for (const CommandKind& other : commands_) check_apart(kind, other);
      const std::string wrong = thrown_by([&] { kind.prototype = kind.make(); });
      if (!wrong.empty()) refuse(file_, "cannot make its command '" + kind.type + "': " + wrong);
      if (const auto why = why_not_a_command(*kind.prototype))
        refuse(file_, "describes its command '" + kind.type + "' " + *why);
    }
  }

  /// For the log: "decode, encode".
  std::string types() const {
    std::string all;
    for (const NodeType& type : nodes_) all += (all.empty() ? "" : ", ") + type.type;
    for (const ResourceKind& kind : resources_) all += (all.empty() ? "" : ", ") + kind.type + " (resource)";
    for (const CommandKind& kind : commands_) all += (all.empty() ? "" : ", ") + kind.type + " (command)";
    return all;
  }

  void commit(Registry& registry) {
    for (NodeType& type : nodes_) registry.nodes_.emplace(type.type, std::move(type));
    for (ResourceKind& kind : resources_) registry.resources_.emplace(kind.type, std::move(kind));
    for (CommandKind& kind : commands_) registry.commands_.emplace(kind.type, std::move(kind));
    std::ranges::move(hooks_, std::back_inserter(registry.thread_hooks_));
  }

 protected:
  void add_node(std::string type, std::function<std::unique_ptr<Node>()> make) override {
    nodes_.push_back({std::move(type), file_, std::move(make), nullptr});
  }
  void add_resource(std::string type, std::function<std::shared_ptr<Resource>()> make) override {
    resources_.push_back({std::move(type), file_, std::move(make), nullptr});
  }
  void add_command(std::string name, std::function<std::unique_ptr<Command>()> make) override {
    commands_.push_back({std::move(name), file_, std::move(make), nullptr});
  }

 private:
  void check_name(const char* what, const std::string& type) const {
    if (!is_plain_name(type))
      refuse(file_,
             "offers the " + std::string(what) + " '" + type + "': a name is made of letters, digits, '-' and '_'");
  }
  template <class T>
  void check_free(const char* what, const std::string& type, const T* taken) const {
    if (taken != nullptr)
      refuse(file_, "offers the " + std::string(what) + " '" + type + "', which '" + taken->plugin.string() +
                        "' offers already: remove one of the two");
  }
  template <class T>
  void check_once(const char* what, const std::string& type, const std::vector<T>& all) const {
    if (std::ranges::count(all, type, &T::type) > 1)
      refuse(file_, "offers the " + std::string(what) + " '" + type + "' twice");
  }
  void check_apart(const CommandKind& kind, const CommandKind& other) const {
    if (const auto why = why_not_beside(kind.type, other.type))
      refuse(file_, "offers the command '" + kind.type + "' and '" + other.plugin.string() + "' the command '" +
                        other.type + "': " + *why);
  }

  fs::path file_;
  std::vector<NodeType> nodes_;
  std::vector<ResourceKind> resources_;
  std::vector<CommandKind> commands_;
  std::vector<std::function<void(Lane, int)>> hooks_;
};

void Registry::load_plugin(const fs::path& file) {
  const fs::path identity = same_file(file);
  if (std::ranges::find(loaded_, identity) != loaded_.end()) return;
  // A bare file name would send the loader through the system's library folders.
  const dfpipe_plugin_info& info = checked_info(file.has_parent_path() ? file : fs::path(".") / file);
  LoadingRegistrar registrar(file);
  const std::string wrong = thrown_by([&] { info.register_types(&registrar); });
  if (!wrong.empty()) refuse(file, "failed while registering its types: " + wrong);
  registrar.check_and_make_prototypes(*this);
  registrar.check_commands(*this);
  log(LogLevel::debug, "plugin " + file.string() + ": " + registrar.types());
  registrar.commit(*this);
  loaded_.push_back(identity);
}

std::size_t Registry::load_folder(const fs::path& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    throw PluginError("plugin folder '" + folder.string() + "' " +
                      (fs::exists(folder, failed) ? "is not a folder" : "does not exist"));
  std::vector<fs::path> files;
  fs::directory_iterator entries(folder, failed);
  for (; !failed && entries != fs::directory_iterator(); entries.increment(failed))
    if (entries->path().extension() == ".so") files.push_back(entries->path());
  if (failed) throw PluginError("plugin folder '" + folder.string() + "' cannot be read: " + failed.message());
  std::ranges::sort(files);
  log(LogLevel::debug, "plugin folder " + folder.string() + ": " + std::to_string(files.size()) + " *.so");
  for (const fs::path& file : files) load_plugin(file);
  return files.size();
}

void Registry::add_node(NodeType type) {
  if (nodes_.contains(type.type)) throw PluginError("node type '" + type.type + "' is offered twice");
  if (!type.prototype) type.prototype = type.make();
  std::string name = type.type;
  nodes_.emplace(std::move(name), std::move(type));
}

const NodeType* Registry::node(const std::string& type) const {
  const auto found = nodes_.find(type);
  return found == nodes_.end() ? nullptr : &found->second;
}

const ResourceKind* Registry::resource(const std::string& type) const {
  const auto found = resources_.find(type);
  return found == resources_.end() ? nullptr : &found->second;
}

const CommandKind* Registry::command(const std::string& name) const {
  const auto found = commands_.find(name);
  return found == commands_.end() ? nullptr : &found->second;
}

std::vector<fs::path> search_path(const std::vector<fs::path>& extra) {
  std::vector<fs::path> folders{builtin_folder()};
  const char* const variable = std::getenv("DFPIPE_PLUGIN_PATH");
  std::string_view rest = variable != nullptr ? variable : "";
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (!folder.empty()) folders.emplace_back(folder);
  }
  folders.insert(folders.end(), extra.begin(), extra.end());
  return folders;
}

}  // namespace dfpipe::registry
