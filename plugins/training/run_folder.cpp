#include "run_folder.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "dfpipe/error.hpp"

namespace dfpipe::training {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kept_checkpoints = 2;

std::string utc_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts)};
}

bool is_stamp(const std::string& name) { return name.size() >= 16 && name[8] == 'T' && name[15] == 'Z'; }

/// A link that takes another's place at once.
void link(const fs::path& to, const fs::path& name) {
  fs::path fresh = name;
  fresh += ".new";
  std::error_code failed;
  fs::remove(fresh, failed);
  fs::create_symlink(to, fresh, failed);
  if (!failed) fs::rename(fresh, name, failed);
  if (failed) throw Fatal(name.string() + ": cannot be written: " + failed.message());
}

/// The checkpoints, the oldest first.
std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.path().extension() == ".safetensors") all.push_back(entry.path());
  std::ranges::sort(all);
  return all;
}

}  // namespace

RunFolder RunFolder::create(const fs::path& root, const std::string& name) {
  const fs::path family = fs::absolute(root / name).lexically_normal();
  const std::string stamp = utc_stamp();
  std::error_code failed;
  fs::create_directories(family, failed);
  // Two runs may start in one second.
  fs::path path = family / stamp;
  for (int again = 2; !failed && !fs::create_directory(path, failed); ++again)
    path = family / (stamp + "-" + std::to_string(again));
  for (const char* const part : {"checkpoints", "snapshots"})
    if (!failed) fs::create_directory(path / part, failed);
  if (failed) throw std::runtime_error(path.string() + ": cannot be made: " + failed.message());
  link(path.filename(), family / "latest");
  return RunFolder(path);
}

std::optional<RunFolder> RunFolder::newest(const fs::path& root, const std::string& name) {
  fs::path newest;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(fs::absolute(root / name).lexically_normal(), failed))
    if (entry.is_directory() && !entry.is_symlink() && is_stamp(entry.path().filename().string()) &&
        fs::exists(entry.path() / "run.json"))
      newest = std::max(newest, entry.path());
  if (newest.empty()) return std::nullopt;
  return RunFolder(newest);
}

fs::path RunFolder::checkpoint(std::int64_t step, std::uint64_t position) const {
  std::array<char, 80> name{};
  std::snprintf(name.data(), name.size(), "batch_%010llu_step_%lld.safetensors",
                static_cast<unsigned long long>(position), static_cast<long long>(step));
  return path_ / "checkpoints" / name.data();
}

void RunFolder::clear_halves() const {
  std::error_code ignored;
  std::vector<fs::path> halves;
  for (const fs::path& folder : {path_, path_ / "checkpoints", path_ / "snapshots"})
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string ending = entry.path().extension();
      if (ending.starts_with(".tmp") || ending == ".part" || ending == ".new") halves.push_back(entry.path());
    }
  for (const fs::path& half : halves) fs::remove_all(half, ignored);
}

std::optional<fs::path> RunFolder::newest_checkpoint() const {
  const std::vector<fs::path> all = checkpoints_in(path_ / "checkpoints");
  if (all.empty()) return std::nullopt;
  return all.back();
}

void RunFolder::drop_old_checkpoints() const {
  const std::vector<fs::path> all = checkpoints_in(path_ / "checkpoints");
  std::error_code ignored;
  for (std::size_t i = 0; i + kept_checkpoints < all.size(); ++i) fs::remove(all[i], ignored);
}

void RunFolder::choose_best(const std::string& snapshot) const { link(fs::path("snapshots") / snapshot, best()); }

}  // namespace dfpipe::training
