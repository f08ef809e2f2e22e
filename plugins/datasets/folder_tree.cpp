#include "folder_tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "dfpipe/error.hpp"
#include "path_text.hpp"
#include "walk.hpp"

namespace dfpipe::datasets {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) { return files::path_text(path.string()); }

bool is_picture(std::string_view name) {
  constexpr std::array known{".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"};
  const std::string all = lower(name);
  return std::ranges::any_of(known, [&](const char* extension) { return all.ends_with(extension); });
}

/// Names of the folders in a folder, sorted by their bytes.
std::set<std::string> folders_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::error_code broken;
    if (fs::is_directory(entry->path(), broken)) names.insert(entry->path().filename().string());
  }
  if (failed) throw Error(shown(folder) + ": cannot be listed: " + failed.message(), "data");
  return names;
}

struct Picture {
  std::string folder;  ///< inside the class, "" for the class itself
  std::string name;
  auto operator<=>(const Picture&) const = default;
};

class Tree {
 public:
  Tree(fs::path root, std::string dataset, const ClassNames& classes)
      : root_(std::move(root)), dataset_(std::move(dataset)), classes_(classes) {}

  FolderTree read() {
    std::map<std::string_view, std::string> splits;
    std::string others;
    for (const std::string& name : folders_in(root_)) {
      const auto split = split_of(name);
      if (!split) {
        others += (others.empty() ? "'" : ", '") + files::path_text(name) + "'";
      } else if (const auto [found, fresh] = splits.emplace(*split, name); !fresh) {
        throw Error(
            shown(root_) + ": '" + found->second + "' and '" + name + "' both mean the split " + std::string(*split),
            "data");
      }
    }
    if (splits.empty())
      throw Error(shown(root_) + ": no folder Train, Validation or Test in it" +
                      (others.empty() ? "" : ", but " + others + "; a data set's root is the folder above its splits"),
                  "data");
    if (!others.empty()) out_.passed_over = "folders that are no split: " + others;
    for (const std::string_view split : {"train", "validation", "test"})
      if (const auto found = splits.find(split); found != splits.end()) read_split(found->second, split);
    if (other_files_ > 0)
      out_.passed_over += (out_.passed_over.empty() ? "" : "; ") + std::to_string(other_files_) +
                          " files without a picture's extension";
    return std::move(out_);
  }

 private:
  void read_split(const std::string& folder, std::string_view split) {
    const auto names = folders_in(root_ / folder);
    if (names.empty()) throw Error(shown(root_ / folder) + ": no folder Real or Fake in it", "data");
    std::string unknown;
    for (const std::string& name : names)
      if (!classes_.label_of(name)) unknown += (unknown.empty() ? "'" : ", '") + files::path_text(name) + "'";
    if (!unknown.empty())
      throw Error(shown(root_ / folder) + ": class " + unknown +
                      " is neither real nor fake; map it with classes: [NAME=fake] or [NAME=real]",
                  "data");
    for (const std::string& name : names) read_class(fs::path(folder) / name, split, *classes_.label_of(name));
  }

  void read_class(const fs::path& inside, std::string_view split, std::int64_t label) {
    std::vector<Picture> pictures;
    files::walk(root_ / inside, {.hidden = true, .depth = std::nullopt}, [&](const files::Entry& entry) {
      if (entry.unreadable) throw Error(shown(root_ / inside / entry.relative) + ": cannot be listed", "data");
      if (entry.folder) return;
      if (entry.heatmap || !is_picture(entry.name))
        ++other_files_;
      else
        pictures.push_back({fs::path(entry.relative).parent_path().string(), entry.name});
    });
    if (pictures.empty()) throw Error(shown(root_ / inside) + ": a class without pictures", "data");
    std::ranges::sort(pictures);
    for (const Picture& picture : pictures) {
      const fs::path below = inside / picture.folder / picture.name;
      out_.entries.push_back({.label = label,
                              .dataset = dataset_,
                              .split = std::string(split),
                              .group = {},
                              .path = dataset_ + "/" + files::path_text(below.string()),
                              .file = root_ / below});
    }
  }

  fs::path root_;
  std::string dataset_;
  const ClassNames& classes_;
  FolderTree out_;
  std::size_t other_files_ = 0;
};

}  // namespace

FolderTree read_folder_tree(const fs::path& root, const std::string& dataset, const ClassNames& classes) {
  return Tree(fs::absolute(root).lexically_normal(), dataset, classes).read();
}

}  // namespace dfpipe::datasets
