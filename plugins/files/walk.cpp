#include "walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "path_text.hpp"
#include "result_names.hpp"

namespace dfpipe::files {
namespace {

struct Close {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

struct Name {
  std::string text;
  bool folder = false;
  bool link = false;
};

class Walker {
 public:
  explicit Walker(const WalkOptions& options) : options_(options) {}

  /// All below the folder. False, with errno, when it cannot be listed.
  bool run(const std::string& folder) {
    if (!enter(folder, "", 1, false)) return false;
    // Links wait until every real folder has been met, so that files keep their real paths wherever they have one.
    for (std::size_t next = 0; next < links_.size(); ++next) {
      const Link link = links_[next];
      if (!enter(folder + "/" + entries_[link.entry].relative, entries_[link.entry].relative, link.depth, false))
        entries_[link.entry].unreadable = true;
    }
    return true;
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  struct Link {
    std::size_t entry;
    std::size_t depth;
  };

  /// `heatmaps`: the folder lies beside a record of a run and has the name of its heat maps' folder.
  bool enter(const std::string& path, const std::string& relative, std::size_t depth, bool heatmaps) {
    std::vector<Name> names;
    bool again = false;
    if (!list(path, names, again)) return false;
    if (again) return true;
    const bool results = std::ranges::find(names, record_name, &Name::text) != names.end();
    for (Name& name : names) {
      std::string below = relative.empty() ? name.text : relative + "/" + name.text;
      const std::size_t own = entries_.size();
      const bool maps_below = results && (name.text == heatmaps_name || name.text == earlier_heatmaps_name);
      const bool heatmap = heatmaps && !name.folder && is_heatmap_name(name.text);
      entries_.push_back({below, std::move(name.text), name.folder, false, heatmap});
      if (!name.folder || (options_.depth && depth >= *options_.depth)) continue;
      if (name.link)
        links_.push_back({own, depth + 1});
      else if (!enter(path + "/" + entries_[own].name, below, depth + 1, maps_below))
        entries_[own].unreadable = true;
    }
    return true;
  }

  bool list(const std::string& path, std::vector<Name>& names, bool& again) {
    const std::unique_ptr<DIR, Close> dir(::opendir(path.c_str()));
    if (!dir) return false;
    struct stat info {};
    if (::fstat(::dirfd(dir.get()), &info) != 0) return false;
    again = !entered_.emplace(info.st_dev, info.st_ino).second;
    if (again) return true;
    errno = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == ".." || (!options_.hidden && name.starts_with('.'))) continue;
      bool folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
        folder = ::fstatat(::dirfd(dir.get()), name.c_str(), &info, 0) == 0 && S_ISDIR(info.st_mode);
      names.push_back({name, folder, entry->d_type != DT_DIR});
      errno = 0;
    }
    std::ranges::sort(names, {}, &Name::text);
    return errno == 0;
  }

  WalkOptions options_;
  std::vector<Entry> entries_;
  std::vector<Link> links_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

}  // namespace

void walk(const std::filesystem::path& folder, const WalkOptions& options,
          const std::function<void(const Entry&)>& visit) {
  Walker walker(options);
  if (!walker.run(folder.string()))
    throw std::runtime_error("folder '" + path_text(folder.string()) + "' cannot be listed: " + std::strerror(errno));
  std::ranges::sort(walker.entries(), {}, &Entry::relative);
  for (const Entry& entry : walker.entries()) visit(entry);
}

}  // namespace dfpipe::files
