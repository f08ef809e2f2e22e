#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dfpipe::server {

/// The page's files, all in memory: a map from URL path to bytes, made at start and never changed. No request's path
/// reaches the file system.
class StaticFiles {
 public:
  struct File {
    std::string content_type;
    std::shared_ptr<const std::string> bytes;
    std::shared_ptr<const std::string> gzip;  ///< null when it is not smaller
    /// Strong (RFC 9110, 8.8.3), with quotes, from the bytes' SHA-256. The compressed bytes have one of their own.
    std::string etag, gzip_etag;
    bool immutable = false;  ///< its name changes with its content: it may be kept for ever
  };

  struct Options {
    std::vector<std::string> page_paths = {};  ///< views of the page that have a URL: they are index.html too
    std::uint64_t max_bytes = 64 << 20;        ///< of all files together
  };

  /// Reads a folder that has an index.html, such as Vite's `dist`. `/` is index.html, any other file goes by its path.
  /// Hidden files and links that lead out of the folder are left out. NAME.gz beside NAME is taken as its compressed
  /// form; where there is none, texts are compressed here. Names below assets/ that hold Vite's hash are immutable.
  /// Throws std::runtime_error with the file's path: no index.html, not readable, too large, a NAME.gz that holds
  /// something else.
  static std::shared_ptr<const StaticFiles> load(const std::filesystem::path& folder, const Options& options);
  static std::shared_ptr<const StaticFiles> load(const std::filesystem::path& folder) { return load(folder, {}); }

  /// The file of a percent-decoded URL path; null when there is none.
  const File* find(std::string_view path) const;

 private:
  std::map<std::string, File, std::less<>> files_;
};

/// Whether a file name holds a hash as Vite writes it: NAME-XXXXXXXX.EXT, eight characters of base64url that are no
/// plain word.
bool has_content_hash(std::string_view file_name);

}  // namespace dfpipe::server
