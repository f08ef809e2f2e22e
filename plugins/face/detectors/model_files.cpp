#include "model_files.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "dfpipe/sha256.hpp"

namespace dfpipe::face {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest = 64u << 20;

std::vector<fs::path> places(const KnownFile& file, const fs::path& models) {
  std::vector<fs::path> found;
  if (!models.empty()) {
    found.push_back(models / file.name);
    if (!file.folder.empty()) found.push_back(models / file.folder / file.name);
  }
  if (!file.name.starts_with("haarcascade_")) return found;
  const std::string_view built_with = DFPIPE_HAARCASCADES;
  if (!built_with.empty()) found.push_back(fs::path(built_with) / file.name);
  for (const char* folder :
       {"/usr/share/opencv4/haarcascades", "/usr/share/opencv/haarcascades", "/usr/local/share/opencv4/haarcascades"})
    if (folder != built_with) found.push_back(fs::path(folder) / file.name);
  return found;
}

std::string missing(const KnownFile& file, const fs::path& models) {
  std::string text = std::string(file.name) + " (" + std::string(file.what) + ") is not there; ";
  const std::vector<fs::path> searched = places(file, models);
  if (searched.empty())
    text += "no folder is named to look in (parameter models)";
  else
    text += "looked for:";
  for (const fs::path& place : searched) text += " " + place.string();
  return text + "; get it with `" + std::string(file.get) + "`";
}

}  // namespace

void refuse_model_file(const KnownFile& file, const fs::path& path, const std::string& wrong) {
  throw std::runtime_error(path.string() + ": " + wrong + "; get it with `" + std::string(file.get) + "`");
}

std::optional<fs::path> find_model_file(const KnownFile& file, const fs::path& models) {
  for (const fs::path& place : places(file, models)) {
    std::error_code error;
    const fs::file_type type = fs::status(place, error).type();
    if (type != fs::file_type::not_found) return place;
  }
  return std::nullopt;
}

ModelFile read_model_file(const KnownFile& file, const fs::path& models) {
  const std::optional<fs::path> path = find_model_file(file, models);
  if (!path) throw std::runtime_error(missing(file, models));
  std::error_code error;
  const fs::file_status status = fs::status(*path, error);
  if (fs::is_directory(status)) refuse_model_file(file, *path, "is a folder, not a file");
  if (fs::exists(status) && !fs::is_regular_file(status)) refuse_model_file(file, *path, "is no regular file");
  std::ifstream stream(*path, std::ios::binary);
  if (!stream) refuse_model_file(file, *path, std::string("cannot be read: ") + std::strerror(errno));
  const std::uintmax_t size = fs::file_size(*path, error);
  if (error) refuse_model_file(file, *path, "cannot be read: " + error.message());
  if (size == 0) refuse_model_file(file, *path, "is empty");
  if (size > largest) refuse_model_file(file, *path, "is larger than 64 MiB");
  std::string bytes(size, '\0');
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size)))
    refuse_model_file(file, *path, "ended while it was read");
  if (bytes.starts_with("version https://git-lfs"))
    refuse_model_file(file, *path, "is the pointer that git-lfs leaves in place of " + std::string(file.what));
  std::string sha256 = sha256_hex(bytes);
  return {*path, std::move(bytes), std::move(sha256)};
}

}  // namespace dfpipe::face
