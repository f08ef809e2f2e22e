#include "http/static_files.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "dfpipe/error.hpp"
#include "dfpipe/sha256.hpp"
#include "http/gzip.hpp"
#include "read_file.hpp"

namespace dfpipe::server {
namespace {

namespace fs = std::filesystem;

struct ContentType {
  std::string_view extension, type;
  bool text;  ///< worth compressing
};

constexpr ContentType content_types[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
};
constexpr ContentType unknown_type = {"", "application/octet-stream", false};

const ContentType& content_type(const fs::path& file) {
  const std::string extension = file.extension();
  const auto* const found = std::find_if(std::begin(content_types), std::end(content_types),
                                         [&](const ContentType& one) { return one.extension == extension; });
  return found == std::end(content_types) ? unknown_type : *found;
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool lies_in(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw std::runtime_error(file.string() + ": " + what);
}

/// Relative path -> where the file really is, of all that may be served.
std::map<std::string, fs::path> listed(const fs::path& folder) {
  std::map<std::string, fs::path> found;
  const fs::path root = fs::canonical(folder);
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    if (is_hidden(it->path())) {
      if (it->is_directory()) it.disable_recursion_pending();
      continue;
    }
    std::error_code dangling;
    const fs::path real = fs::canonical(it->path(), dangling);
    if (dangling || !fs::is_regular_file(real) || !lies_in(real, root) || is_hidden(real)) continue;
    found.emplace(it->path().lexically_relative(root).generic_string(), real);
  }
  return found;
}

class Loader {
 public:
  explicit Loader(std::uint64_t max_bytes) : left_(max_bytes) {}

  std::shared_ptr<const std::string> bytes(const fs::path& file) {
    try {
      const auto read = files::read_file(file, left_, {});
      left_ -= read->size();
      return std::make_shared<const std::string>(read->begin(), read->end());
    } catch (const Error& e) {
      if (e.code() == "too_large") fail(file, "the page's files are larger together than the server keeps in memory");
      fail(file, e.what());
    }
  }

 private:
  std::uint64_t left_;
};

std::string entity_tag(const std::string& hash, const char* variant) {
  return '"' + hash.substr(0, 32) + variant + '"';
}

StaticFiles::File make_file(const std::string& name, std::shared_ptr<const std::string> bytes,
                            std::shared_ptr<const std::string> gzip) {
  const ContentType& type = content_type(name);
  if (!gzip && type.text) gzip = std::make_shared<const std::string>(gzip_bytes(*bytes));
  if (gzip && gzip->size() >= bytes->size()) gzip = nullptr;
  const std::string hash = sha256_hex(*bytes);
  return {.content_type = std::string(type.type),
          .bytes = std::move(bytes),
          .gzip = std::move(gzip),
          .etag = entity_tag(hash, ""),
          .gzip_etag = entity_tag(hash, "-gzip"),
          .immutable = name.starts_with("assets/") && has_content_hash(fs::path(name).filename().string())};
}

}  // namespace

std::shared_ptr<const StaticFiles> StaticFiles::load(const fs::path& folder, const Options& options) {
  std::error_code missing;
  if (!fs::is_regular_file(folder / "index.html", missing)) fail(folder, "there is no page: index.html is missing");
  auto made = std::make_shared<StaticFiles>();
  const auto names = listed(folder);
  Loader loader(options.max_bytes);
  for (const auto& [name, path] : names) {
    if (name.ends_with(".gz") && names.contains(name.substr(0, name.size() - 3))) continue;
    auto bytes = loader.bytes(path);
    std::shared_ptr<const std::string> gzip;
    if (const auto sibling = names.find(name + ".gz"); sibling != names.end()) {
      gzip = loader.bytes(sibling->second);
      if (!gzip_holds(*gzip, *bytes)) fail(sibling->second, "is not the compressed form of the file beside it");
    }
    made->files_.emplace("/" + name, make_file(name, std::move(bytes), std::move(gzip)));
  }
  const File* const index = made->find("/index.html");
  if (!index) fail(folder, "index.html leads out of the folder");
  made->files_.emplace("/", *index);
  for (const std::string& path : options.page_paths) made->files_.emplace(path, *index);
  return made;
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool has_content_hash(std::string_view file_name) {
  constexpr std::size_t size = 8;
  const std::string_view stem = file_name.substr(0, file_name.find('.'));
  if (stem.size() < size + 2 || stem.size() == file_name.size() || stem[stem.size() - size - 1] != '-') return false;
  const std::string_view hash = stem.substr(stem.size() - size);
  const auto is_upper_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  const auto is_base64url = [&](char c) {
    return is_upper_or_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  };
  return std::all_of(hash.begin(), hash.end(), is_base64url) &&
         std::any_of(hash.begin(), hash.end(), is_upper_or_digit);
}

}  // namespace dfpipe::server
