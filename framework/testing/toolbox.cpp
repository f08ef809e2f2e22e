#include "testing/toolbox.hpp"

namespace dfpipe::testing {

namespace fs = std::filesystem;

Toolbox::Toolbox(const std::vector<fs::path>& plugins) {
  const fs::path built = DFPIPE_BUILT_PLUGINS, libraries = built.parent_path().parent_path();
  fs::create_directories(folder_ / "bin");
  fs::create_directories(folder_ / "lib/dfpipe/plugins");
  fs::copy_file(DFPIPE_BINARY, folder_ / "bin/dfpipe");
  for (const auto& entry : fs::directory_iterator(libraries))
    if (const std::string name = entry.path().filename().string(); name.starts_with("libdfpipe"))
      fs::create_symlink(entry.path(), folder_ / ("lib/" + name));
  for (const fs::path& plugin : plugins)
    fs::create_symlink(plugin.has_parent_path() ? plugin : built / plugin,
                       folder_ / ("lib/dfpipe/plugins/" + plugin.filename().string()));
}

std::vector<std::string> Toolbox::command_line(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), (folder_ / "bin/dfpipe").string());
  return arguments;
}

}  // namespace dfpipe::testing
