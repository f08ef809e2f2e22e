#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace dfpipe::files {

struct Entry {
  std::string relative;     ///< to the folder walked; raw bytes
  std::string name;         ///< its last component
  bool folder = false;      ///< or a link to one
  bool unreadable = false;  ///< a folder whose entries cannot be listed
  bool heatmap = false;     ///< a heat map of an earlier run
};

struct WalkOptions {
  bool hidden = false;               ///< names with a leading dot too
  std::optional<std::size_t> depth;  ///< most components of `relative`; nothing: no limit
};

/// Calls `visit` once for each entry below the folder, in the order of the relative paths' bytes. Links are followed; a
/// folder met again (by device and inode) is not entered again, so loops end. Heat maps in the folders beside a
/// predictions.run.json are marked, unless the walk begins there. Throws std::runtime_error when the folder itself
/// cannot be listed.
void walk(const std::filesystem::path& folder, const WalkOptions& options,
          const std::function<void(const Entry&)>& visit);

}  // namespace dfpipe::files
