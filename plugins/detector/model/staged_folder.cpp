#include "staged_folder.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "error.hpp"
#include "json_file.hpp"

namespace dfpipe::detector {
namespace {

namespace fs = std::filesystem;

/// The files and folders that models consist of; a folder with others is somebody's, and never replaced.
bool belongs_to_a_model(const fs::directory_entry& entry) {
  constexpr std::array files{"config.json",     "preprocessor_config.json",  "head_weights.safetensors",
                             "head_weights.pt", "model.safetensors",         "adapter_config.json",
                             "train_state.pt",  "adapter_model.safetensors", "README.md",
                             "calibration.json"};
  const std::string name = entry.path().filename().string();
  if (entry.is_symlink()) return false;
  if (!entry.is_directory()) return std::ranges::find(files, name) != files.end();
  return (name == "clip_vision" || name == "dora") &&
         std::ranges::all_of(fs::directory_iterator(entry.path()),
                             [](const auto& inner) { return !inner.is_directory() && belongs_to_a_model(inner); });
}

void require_replaceable(const fs::path& target, Overwrite overwrite) {
  if (!fs::exists(fs::symlink_status(target))) return;
  if (!fs::is_directory(target)) throw ModelError(target.string() + ": is there already, and no folder");
  for (const auto& entry : fs::directory_iterator(target)) {
    if (overwrite == Overwrite::refuse)
      throw ModelError(target.string() + ": is there already and not empty; --force replaces a model");
    if (!belongs_to_a_model(entry))
      throw ModelError(target.string() + ": has " + in_quotes(entry.path().filename().string()) +
                       ", which is no part of a model, and is not replaced");
  }
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& target, Overwrite overwrite)
    : target_(fs::absolute(target).lexically_normal()) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  require_replaceable(target_, overwrite);
  staged_ = target_;
  staged_ += ".tmp" + std::to_string(getpid());
  std::error_code failed;
  fs::create_directories(target_.parent_path(), failed);
  if (!failed) fs::create_directory(staged_, failed);
  if (failed) {
    staged_.clear();
    throw ModelError(target_.string() + ": cannot be created: " + failed.message());
  }
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

void StagedFolder::publish() {
  const auto fail = [&] { throw ModelError(target_.string() + ": cannot be put in place: " + std::strerror(errno)); };
  if (rename(staged_.c_str(), target_.c_str()) == 0) {
    staged_.clear();
  } else {
    // A folder with files in it is in the way: the two change places, and the destructor removes the old one.
    if (errno != ENOTEMPTY && errno != EEXIST) fail();
    if (renameat2(AT_FDCWD, staged_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) fail();
  }
  if (const int parent = open(target_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); parent >= 0) {
    fsync(parent);
    close(parent);
  }
}

}  // namespace dfpipe::detector
