#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dfpipe::training {

/// Where one training run keeps everything, `<root>/<name>/<UTC stamp>/`:
///
///     run.json                what `--resume` needs: hash, configuration, data
///     config.yaml             the resolved pipeline
///     environment.json        versions, device, threads, facts of data and model
///     metrics.jsonl           a line a step and an epoch
///     events.out.tfevents.*   the same for TensorBoard
///     report.html             the same to look at, made anew after each epoch
///     checkpoints/            the newest two states to go on from, a file each
///     snapshots/              a folder an epoch; `best` links to the best
///     model/                  at the end: the best, merged, for predict
///     finished.json           written last; a run without it can be resumed
///
/// `<root>/<name>/latest` links to the newest run.
class RunFolder {
 public:
  /// A new one, named after now; made with its subfolders. Throws std::runtime_error.
  static RunFolder create(const std::filesystem::path& root, const std::string& name);
  /// The newest one; nothing when there is none.
  static std::optional<RunFolder> newest(const std::filesystem::path& root, const std::string& name);

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path record() const { return path_ / "run.json"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path events() const { return path_ / "events.out.tfevents.dfpipe"; }
  std::filesystem::path model() const { return path_ / "model"; }
  std::filesystem::path best() const { return path_ / "best"; }
  std::filesystem::path snapshot(const std::string& name) const { return path_ / "snapshots" / name; }
  bool finished() const { return std::filesystem::exists(path_ / "finished.json"); }

  /// Where the state after `step` optimizer steps and `position` batches goes.
  std::filesystem::path checkpoint(std::int64_t step, std::uint64_t position) const;
  /// The newest one that is there; nothing when there is none.
  std::optional<std::filesystem::path> newest_checkpoint() const;
  /// Removes what a kill left half written: of checkpoints, snapshots, the model, and the files beside them.
  void clear_halves() const;
  /// Keeps the newest two.
  void drop_old_checkpoints() const;
  /// Lets `best` point to a snapshot, all at once.
  void choose_best(const std::string& snapshot) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace dfpipe::training
