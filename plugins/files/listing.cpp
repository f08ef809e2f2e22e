#include "listing.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "dfpipe/error.hpp"
#include "glob.hpp"
#include "path_text.hpp"
#include "read_file.hpp"
#include "walk.hpp"

namespace dfpipe::files {
namespace {

namespace fs = std::filesystem;

constexpr int state_format = 1;

std::string quoted(const fs::path& path) { return "'" + path_text(path.string()) + "'"; }

/// The path without a trailing slash, so that its last component has a name.
fs::path tidy(const fs::path& path) {
  fs::path out = fs::absolute(path).lexically_normal();
  return out.has_filename() || !out.has_relative_path() ? out : out.parent_path();
}

Listing list_folder(const fs::path& folder, bool recursive) {
  Listing out;
  out.base = fs::absolute(folder);
  out.shown_base = tidy(folder).filename().string();
  if (out.shown_base == "/") out.shown_base.clear();
  walk(out.base, {.hidden = false, .depth = recursive ? std::nullopt : std::optional<std::size_t>(1)},
       [&](const Entry& entry) {
         if (entry.heatmap)
           out.results.insert(fs::path(entry.relative).parent_path().parent_path().string());
         else if (has_image_extension(entry.name) || entry.unreadable)
           out.names.push_back(entry.relative);
         else if (!entry.folder)
           ++out.other_files;
       });
  if (out.names.empty())
    throw std::runtime_error("no images in folder " + quoted(folder) + (recursive ? "" : " itself (recursive is off)") +
                             (out.other_files ? ": none of its " + std::to_string(out.other_files) +
                                                    " files has the extension of an image (jpg, jpeg, png, webp, …)"
                                              : ": it holds no files"));
  return out;
}

bool is_there(const fs::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

/// The pattern begins at the first component that nothing is called like: folders may be named like patterns.
Listing list_pattern(const fs::path& path) {
  fs::path base, pattern;
  for (const fs::path& part : path) {
    if (pattern.empty() && (!has_wildcard(part.string()) || is_there(base / part)))
      base /= part;
    else
      pattern /= part;
  }
  if (pattern.empty()) throw std::runtime_error("there is no file or folder " + quoted(path));
  if (base.empty()) base = ".";
  Listing out;
  out.base = fs::absolute(base);
  out.shown_base = tidy(base).filename().string();
  if (out.shown_base == "/") out.shown_base.clear();
  if (!fs::is_directory(base))
    throw std::runtime_error("nothing matches " + quoted(path) + ": there is no folder " + quoted(base));
  const Glob glob(pattern.string());
  walk(out.base, {.hidden = glob.wants_hidden(), .depth = glob.depth()}, [&](const Entry& entry) {
    const bool file = !entry.folder || has_image_extension(entry.name);
    if (entry.heatmap)
      out.results.insert(fs::path(entry.relative).parent_path().parent_path().string());
    else if ((file && glob.matches(entry.relative)) || entry.unreadable)
      out.names.push_back(entry.relative);
  });
  if (out.names.empty()) throw std::runtime_error("nothing matches " + quoted(path));
  return out;
}

Listing list_list(const fs::path& list) try {
  constexpr std::uint64_t most_bytes = 64 << 20;
  const auto bytes = read_file(list, most_bytes, {});
  std::istringstream in(std::string(bytes->begin(), bytes->end()));
  Listing out;
  out.base = fs::absolute(list).parent_path();
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (++number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.ends_with('\r')) line.pop_back();
    if (line.find('\0') != std::string::npos) throw Error("line " + std::to_string(number) + " is no text");
    if (!line.empty() && !line.starts_with('#')) out.names.push_back(line);
  }
  if (out.names.empty()) throw Error("it names no files");
  return out;
} catch (const Error& e) {
  throw std::runtime_error("list file " + quoted(list) + ": " + e.what());
}

/// What "@list.txt" may mean: the path without one mark. By the time it arrives here its folder may have been put in
/// front, so the mark is looked for at the start of every component.
std::vector<fs::path> marked_lists(const fs::path& path) {
  std::vector<fs::path> all;
  fs::path before;
  for (auto part = path.begin(); part != path.end(); before /= *part++) {
    const std::string text = part->string();
    if (!text.starts_with('@')) continue;
    fs::path list = text == "@" ? fs::path("/") : before / text.substr(1);
    for (auto rest = std::next(part); rest != path.end(); ++rest) list /= *rest;
    all.push_back(list);
  }
  return all;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

bool has_image_extension(std::string_view name) {
  constexpr std::string_view known[] = {"jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif",  "bmp",  "tif", "tiff",
                                        "ppm", "pgm",  "pbm", "pnm",  "svg", "avif", "heic", "heif", "jp2", "jxl"};
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && dot > 0 &&
         std::ranges::find(known, lower(name.substr(dot + 1))) != std::end(known);
}

std::string Listing::shown(std::size_t i) const {
  const std::string& name = names[i];
  return path_text(shown_base.empty() || name.starts_with('/') ? name : shown_base + "/" + name);
}

std::string Listing::passed_over() const {
  std::string out;
  if (other_files > 0) out = std::to_string(other_files) + " files without an image's extension";
  for (const std::string& folder : results)
    out += (out.empty() ? "" : ", ") +
           ("heat maps of an earlier run in " + quoted(folder.empty() ? base : fs::path(folder)));
  return out;
}

std::string Listing::state() const {
  nlohmann::ordered_json state{{"format", state_format},
                               {"base", path_text(base.string())},
                               {"shown_base", path_text(shown_base)},
                               {"files", nlohmann::ordered_json::array()}};
  for (const std::string& name : names) state["files"].push_back(path_text(name));
  return state.dump();
}

Listing Listing::restore(const std::string& state) try {
  const auto json = nlohmann::json::parse(state);
  if (json.at("format") != state_format) throw std::runtime_error("another format number");
  Listing out;
  out.base = path_bytes(json.at("base").get<std::string>());
  out.shown_base = path_bytes(json.at("shown_base").get<std::string>());
  for (const auto& name : json.at("files")) out.names.push_back(path_bytes(name.get<std::string>()));
  return out;
} catch (const std::exception& e) {
  throw std::runtime_error(std::string("the earlier run's list of files cannot be read: ") + e.what());
}

Listing list_files(const fs::path& path, bool recursive) {
  if (path.empty()) throw std::runtime_error("path is empty: name a file, a folder, a pattern or a list");
  if (is_there(path)) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return list_folder(path, recursive);
    if (lower(path.extension().string()) == ".txt") return list_list(path);
    return {fs::absolute(path).parent_path(), "", {path.filename().string()}};
  }
  // Names may begin with @ like any other: it marks a list only where that list is.
  const std::vector<fs::path> lists = marked_lists(path);
  for (const fs::path& list : lists)
    if (std::error_code ignored; is_there(list) && !fs::is_directory(list, ignored)) return list_list(list);
  if (has_wildcard(path.string())) return list_pattern(path);
  throw std::runtime_error("there is no file or folder " + quoted(path) +
                           (lists.empty() ? "" : " and no list file " + quoted(lists.back())));
}

}  // namespace dfpipe::files
