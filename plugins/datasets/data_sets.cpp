#include "data_sets.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "dfpipe/error.hpp"
#include "folder_tree.hpp"
#include "manifest.hpp"
#include "path_text.hpp"

namespace dfpipe::datasets {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// The last `count` components.
std::string tail(const fs::path& path, std::ptrdiff_t count) {
  const fs::path below = path.relative_path();
  const auto parts = std::distance(below.begin(), below.end());
  fs::path out;
  for (auto part = std::next(below.begin(), std::max<std::ptrdiff_t>(0, parts - count)); part != below.end(); ++part)
    out /= *part;
  return files::path_text(out.string());
}

std::vector<std::string> tree_names(const std::vector<fs::path>& roots) {
  std::vector<std::string> names;
  for (std::ptrdiff_t count = 1; count < 64; ++count) {
    names.clear();
    for (const fs::path& root : roots) names.push_back(tail(root, count));
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) break;
  }
  return names;
}

fs::path tidy(const fs::path& path) {
  fs::path out = fs::absolute(path).lexically_normal();
  return out.has_filename() || !out.has_relative_path() ? out : out.parent_path();
}

Json row_of(const Sample& sample) {
  return {sample.path, sample.label, sample.dataset, sample.split, sample.group, sample.sha256};
}

}  // namespace

DataSets read_data_sets(const std::vector<fs::path>& places, const DataOptions& options) {
  std::vector<fs::path> roots;
  for (const fs::path& place : places) {
    std::error_code failed;
    if (!fs::exists(place, failed))
      throw Error(files::path_text(place.string()) + ": there is no such manifest or folder", "data");
    if (fs::is_directory(place, failed)) roots.push_back(tidy(place));
  }
  const std::vector<std::string> names = tree_names(roots);
  DataSets out;
  std::size_t tree = 0;
  for (const fs::path& place : places) {
    Entries more;
    if (fs::is_directory(place)) {
      FolderTree read = read_folder_tree(roots[tree], names[tree], options.classes);
      ++tree;
      more = std::move(read.entries);
      if (!read.passed_over.empty())
        out.passed_over +=
            (out.passed_over.empty() ? "" : "; ") + files::path_text(place.string()) + ": " + read.passed_over;
    } else {
      more = read_manifest(place, {.classes = options.classes, .group_column = options.group_column});
    }
    std::ranges::move(more, std::back_inserter(out.entries));
  }
  std::set<std::string_view> seen;
  for (const Sample& entry : out.entries)
    if (!seen.insert(entry.file.native()).second)
      throw Error(files::path_text(entry.file.string()) + ": belongs to two of the data sets given", "data");
  return out;
}

Entries of_split(Entries entries, const std::string& split) {
  if (split == "all") return entries;
  const std::string there = counts_text(entries);
  std::erase_if(entries, [&](const Sample& entry) { return entry.split != split; });
  if (entries.empty()) throw Error("no picture is in the split '" + split + "'; there are " + there, "data");
  return entries;
}

std::vector<Cell> counted(const Entries& entries) {
  std::map<std::pair<std::string, std::string>, Cell> cells;
  for (const Sample& entry : entries) {
    Cell& cell = cells[{entry.dataset, entry.split}];
    ++(entry.label == 1 ? cell.fake : cell.real);
  }
  std::vector<Cell> out;
  for (auto& [name, cell] : cells) {
    std::tie(cell.dataset, cell.split) = name;
    out.push_back(std::move(cell));
  }
  return out;
}

std::string counts_text(const Entries& entries) {
  std::string text;
  for (const Cell& cell : counted(entries))
    text += (text.empty() ? "" : "; ") + cell.dataset + " " + cell.split + ": " + std::to_string(cell.real) +
            " real, " + std::to_string(cell.fake) + " fake";
  return text;
}

std::string list_state(const Entries& entries) {
  std::string state = "[";  // row by row: a tree of all rows would take several times the text's memory
  for (const Sample& entry : entries) state += (state.size() > 1 ? "," : "") + row_of(entry).dump();
  return state + "]";
}

std::string difference(const Entries& now, const std::string& earlier) {
  const Json list = Json::parse(earlier, nullptr, false);
  if (!list.is_array()) throw std::runtime_error("the earlier run's list of samples cannot be read");
  std::unordered_map<std::string, const Json*> before;
  for (const Json& row : list) {
    if (!row.is_array() || row.empty() || !row[0].is_string())
      throw std::runtime_error("the earlier run's list of samples cannot be read");
    before.emplace(row[0].get<std::string>(), &row);
  }
  std::string fresh, changed;
  std::size_t fresh_count = 0, changed_count = 0;
  for (const Sample& entry : now) {
    const auto found = before.find(entry.path);
    if (found == before.end()) {
      if (fresh_count++ == 0) fresh = entry.path;
      continue;
    }
    if (*found->second != row_of(entry) && changed_count++ == 0) changed = entry.path;
    before.erase(found);
  }
  std::string text;
  const auto tell = [&](std::size_t count, const std::string& what, const std::string& which) {
    if (count > 0) text += (text.empty() ? "" : "; ") + std::to_string(count) + " " + what + " ('" + which + "')";
  };
  tell(fresh_count, "samples are new", fresh);
  tell(before.size(), "are gone", before.empty() ? "" : std::ranges::min_element(before)->first);
  tell(changed_count, "are described otherwise", changed);
  if (text.empty() && list_state(now) != earlier) text = "the order is another";
  return text;
}

void refuse_changes(const Entries& now, const std::string& earlier) {
  if (const std::string how = difference(now, earlier); !how.empty())
    throw std::runtime_error("the data are not those of the earlier run: " + how +
                             "; run without --resume to start again");
}

}  // namespace dfpipe::datasets
