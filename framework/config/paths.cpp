#include "config/paths.hpp"

#include <cstdlib>
#include <system_error>
#include <vector>

#include "config/source.hpp"

namespace dfpipe::config {

namespace fs = std::filesystem;

namespace {

fs::path spelled_from_here(const fs::path& folder) {
  const fs::path relative = folder.lexically_relative(fs::current_path());
  if (relative == ".") return {};
  if (relative.empty() || *relative.begin() == "..") return folder;
  return relative;
}

}  // namespace

fs::path project_root(const fs::path& file) {
  std::error_code failed;
  fs::path own = fs::absolute(file, failed).lexically_normal().parent_path();
  for (fs::path folder = own; !folder.empty(); folder = folder.parent_path()) {
    if (fs::is_directory(folder / "pipelines", failed) || fs::is_regular_file(folder / ".dfpipe", failed))
      return spelled_from_here(folder);
    if (folder == folder.parent_path()) break;
  }
  return spelled_from_here(own);
}

fs::path resolved_path(const std::string& text, const fs::path& root) {
  if (text.empty()) return {};
  if (text.front() == '@') return "@" + resolved_path(text.substr(1), root).string();
  if (text == "~" || text.starts_with("~/")) {
    const char* const home = std::getenv("HOME");
    if (home != nullptr) return text.size() > 2 ? fs::path(home) / text.substr(2) : fs::path(home);
  }
  const fs::path path(text);
  if (path.is_absolute() || root.empty()) return path;
  return (root / path).lexically_normal();
}

fs::path absolute_path(const fs::path& path) {
  const std::string text = path.string();
  if (text.empty()) return {};
  if (text.front() == '@') return "@" + absolute_path(text.substr(1)).string();
  std::error_code failed;
  fs::path whole = fs::absolute(path, failed).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

std::string nearest_file(const fs::path& missing) {
  std::error_code failed;
  std::vector<std::string> names;
  const fs::path folder = missing.has_parent_path() ? missing.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end && names.size() < 1000;
       entry.increment(failed))
    names.push_back(entry->path().filename().string());
  const std::string close = did_you_mean(missing.filename().string(), names);
  return close.empty() ? std::string() : "did you mean '" + close + "'?";
}

}  // namespace dfpipe::config
