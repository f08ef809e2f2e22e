#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dfpipe::models {

/// One file of a model: where it is, and all that must be true of it before it is used.
struct ListedFile {
  std::string name;  ///< relative path inside the model's folder
  std::uint64_t size = 0;
  std::string sha256;             ///< 64 lower-case hexadecimal digits
  std::vector<std::string> urls;  ///< http or https, in the order of trying
};

struct ListedModel {
  std::string about;
  std::string publisher;  ///< the page
  std::string licence;
  std::vector<ListedFile> files;

  std::uint64_t size() const;
};

using Catalog = std::map<std::string, ListedModel>;

/// Reads a list of models (JSON, at most 4 MiB; see catalog.json). Everything in it is checked: a file without a hash,
/// a size and an address is refused, and so is a name that leads out of the model's folder. Throws dfpipe::Error with
/// file, model and entry.
Catalog read_catalog(const std::filesystem::path& file);

/// The list that is installed beside the plugin.
std::filesystem::path installed_catalog();

}  // namespace dfpipe::models
